public import Activity

/// That a user has signed in from an address.
public struct KnownAddress: Sendable, Hashable {
    /// The user as events have it.
    public var user: String
    /// The address as events have it.
    public var ip: String
    /// When the user was there first.
    public var first: Timestamp
    /// When the user was there last.
    public var last: Timestamp

    /// An acquaintance from its parts.
    public init(user: String, ip: String, first: Timestamp, last: Timestamp) {
        self.user = user
        self.ip = ip
        self.first = first
        self.last = last
    }
}
