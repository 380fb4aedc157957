import Endpoint

extension ValueKind where Value == [AccessGrant] {
    /// Tokens in any order; the same twice is once.
    static var accessTokens: Self {
        ValueKind(
            accepted: "a list of \(AccessGrant.accepted)",
            isList: true,
            parse: { value throws(RefusedValue) in
                guard case .list(let elements) = value else { throw RefusedValue(value) }
                var grants: [AccessGrant] = []
                for element in elements {
                    guard let grant = AccessGrant(element.trimmed) else { throw RefusedValue(element) }
                    if !grants.contains(grant) { grants.append(grant) }
                }
                return grants
            },
            format: { $0.map(\.description).joined(separator: ",") },
        )
    }
}
