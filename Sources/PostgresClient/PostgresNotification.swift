/// What a listening connection reports.
public enum PostgresNotification: Sendable, Hashable {
    /// The connection is up and listening. Whatever was notified before is lost: look for yourself now.
    case connected
    /// Somebody called NOTIFY on `channel`.
    case notification(channel: String, payload: String)
}
