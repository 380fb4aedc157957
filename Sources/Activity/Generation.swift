/// One computation of all documents.
public struct Generation: Hashable, Sendable {
    /// From a PostgreSQL sequence, drawn before the data was read: a larger number was begun later.
    public var number: Int64
    /// The batch of the feed up to which the data was read; a publisher never replaces a later batch by an earlier.
    public var fence: Int64
    /// The moment at which all windows end.
    public var computedAt: Timestamp

    /// A generation from its number, its fence and its moment.
    public init(number: Int64, fence: Int64, computedAt: Timestamp) {
        self.number = number
        self.fence = fence
        self.computedAt = computedAt
    }
}
