/// What a statement did, without its rows.
public enum PostgresOutcome: Sendable, Hashable {
    /// The statement was empty.
    case nothing
    /// It returned so many rows.
    case rows(Int)
    /// It returned none; the server's tag for it, for example `INSERT 0 3`.
    case command(String)
}
