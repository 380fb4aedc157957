/// The identity of a document: everything that decides its rows, and nothing that only selects among them.
public enum DocumentKey: Hashable, Sendable {
    /// Everything about a window of days.
    case dashboard(days: Int)
    /// The traffic of each collection.
    case collections(days: Int)
    /// The traffic of each action, of all collections or of one.
    case actions(days: Int, collection: String?)
    /// The busiest addresses.
    case ips(days: Int)
    /// The busiest users.
    case users(days: Int)
    /// One user by id.
    case user(id: String, days: Int)
    /// The longest hourly series, of all actions or of one.
    case hourly(action: String?)
    /// The suspicious addresses of a window of hours.
    case alerts(hours: Int)

    /// Whether the window begins on a whole hour; otherwise it moves every second.
    var beginsOnWholeHour: Bool {
        if case .alerts(let hours) = self { return hours > RecentActivity.horizon }
        return true
    }
}
