/// The facts of one hour, with the hour's own totals. Immutable: an hour that changed gets a new segment.
public struct Segment: Sendable {
    /// The hour of all facts in this segment.
    public let hour: Hour
    /// Facts ordered by user and address, so that those of one user lie together.
    public let facts: [Fact]
    /// Events of the hour.
    let events: Int
    /// The codes of the users who are active in the hour, each once, null left out.
    public let users: [Int32]
    /// Totals for each action, in the order of the codes.
    let actions: [ActionOfHour]
    /// The newest row of the hour.
    let lastActivity: Timestamp

    struct ActionOfHour: Sendable, Equatable {
        let code: Int32
        var events: Int
        var users: Int
    }

    /// A segment of the facts of one hour, in any order.
    public init(hour: Hour, facts unordered: [Fact]) {
        let facts = unordered.sorted { ($0.user, $0.ip) < ($1.user, $1.ip) }
        var actions: [Int32: ActionOfHour] = [:]
        var events = 0
        var users: [Int32] = []
        var actionsOfUser: Set<Int32> = []
        for (index, fact) in facts.enumerated() {
            if index == 0 || facts[index - 1].user != fact.user {
                actionsOfUser.removeAll(keepingCapacity: true)
                if fact.user != 0 { users.append(fact.user) }
            }
            let isNewUser = fact.user != 0 && actionsOfUser.insert(fact.action).inserted
            events += Int(fact.events)
            actions[fact.action, default: ActionOfHour(code: fact.action, events: 0, users: 0)].events += Int(
                fact.events
            )
            actions[fact.action]?.users += isNewUser ? 1 : 0
        }
        self.hour = hour
        self.facts = facts
        self.events = events
        self.users = users
        self.actions = actions.values.sorted { $0.code < $1.code }
        self.lastActivity = Timestamp(
            microseconds: hour.start.microseconds + Int64(facts.lazy.map(\.lastOffset).max() ?? 0)
        )
    }
}
