public import Activity

/// Something that somebody did, or tried to: a row of `directus_activity` or a reported sign-in.
public struct ActivityEvent: Sendable, Hashable {
    /// The row's id in `directus_activity`, or that of `auth_event` with a minus; evidence for people.
    public var id: Int64
    /// The clock of the node that wrote it; nodes disagree, and events arrive in any order.
    public var at: Timestamp
    /// A lower-case UUID, or what a sign-in was tried with, such as an e-mail address.
    public var user: String?
    /// Opaque text, mostly an IPv4 or IPv6 address.
    public var ip: String?
    /// `directus_users` for sign-ins.
    public var collection: String
    /// `create`, `update`, `delete`, `login`, …, and ``failedLogin``.
    public var action: String
    /// The key of the item that it was done to.
    public var item: String?

    /// The action of a sign-in that was refused.
    public static let failedLogin = "login_failed"
    /// The action of a sign-in that succeeded.
    public static let login = "login"

    /// An event from its parts.
    public init(
        id: Int64,
        at: Timestamp,
        user: String? = nil,
        ip: String? = nil,
        collection: String,
        action: String,
        item: String? = nil,
    ) {
        self.id = id
        self.at = at
        self.user = user
        self.ip = ip
        self.collection = collection
        self.action = action
        self.item = item
    }
}
