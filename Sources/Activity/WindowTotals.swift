/// What the documents say about one window of whole hours.
struct WindowTotals {
    var events = 0
    var users = 0
    var ips = 0
    /// All collections with events, by count descending.
    var collections: [NamedTraffic] = []
    /// All actions with events, by count descending.
    var actions: [NamedTraffic] = []
    /// The busiest addresses, by count descending, at most `Ranking.limit`.
    var busiestIPs: [Ranked<IPTally>] = []
    /// The busiest users, by count descending, at most `Ranking.limit`.
    var busiestUsers: [Ranked<UserTally>] = []

    typealias NamedTraffic = Ranked<TrafficTally>
}

/// Something that is counted, so that it can be ranked.
protocol Tally {
    var events: Int { get }
}

/// What is counted for a collection or an action.
struct TrafficTally: Tally {
    var events = 0
    var users: Int32 = 0
    var ips: Int32 = 0
}

/// What is counted for an address.
struct IPTally: Tally {
    var events = 0
    var collections: Int32 = 0
    var users: Int32 = 0
    var actions: Int32 = 0
    var lastSeen = Timestamp(microseconds: .min)
}

/// What is counted for a user.
struct UserTally: Tally {
    var events = 0
    var collections: Int32 = 0
    var ips: Int32 = 0
    var lastSeen = Timestamp(microseconds: .min)
}
