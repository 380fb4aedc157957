/// How much a transaction sees of the others.
public enum PostgresIsolationLevel: Sendable, Hashable, CaseIterable {
    /// Each statement sees what was committed before it began.
    case readCommitted
    /// All statements see what was committed before the first one; conflicts fail with SQLSTATE 40001.
    case repeatableRead
    /// As if transactions ran one after the other; conflicts fail with SQLSTATE 40001.
    case serializable

    var sql: String {
        switch self {
        case .readCommitted: "READ COMMITTED"
        case .repeatableRead: "REPEATABLE READ"
        case .serializable: "SERIALIZABLE"
        }
    }
}
