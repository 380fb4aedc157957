/// One row of the hourly roll-up: how often a user did one action to one collection from one address within an hour.
///
/// Members are dimension codes; code 0 stands for SQL's NULL (only `user` and `ip` can be null).
public struct Fact: Hashable, Sendable {
    /// Code of the user, 0 when null.
    public var user: Int32
    /// Code of the address, 0 when null.
    public var ip: Int32
    /// Code of the collection.
    public var collection: Int32
    /// Code of the action.
    public var action: Int32
    /// Number of rows of `directus_activity` behind this fact, at least 1.
    public var events: UInt32
    /// The newest of these rows, in microseconds since the start of the hour.
    public var lastOffset: UInt32

    /// A fact from its dimension codes and measures.
    public init(user: Int32, ip: Int32, collection: Int32, action: Int32, events: UInt32, lastOffset: UInt32) {
        self.user = user
        self.ip = ip
        self.collection = collection
        self.action = action
        self.events = events
        self.lastOffset = lastOffset
    }
}
