/// One value for each scope.
package struct PerScope<Value> {
    package var read: Value
    package var ingest: Value
    package var admin: Value

    /// The same for all.
    package init(all value: Value) {
        read = value
        ingest = value
        admin = value
    }

    package subscript(_ scope: AccessScope) -> Value {
        switch scope {
        case .read: read
        case .ingest: ingest
        case .admin: admin
        }
    }
}

extension PerScope: Sendable where Value: Sendable {}
extension PerScope: Equatable where Value: Equatable {}
extension PerScope: Hashable where Value: Hashable {}
