/// How suspicious an address looks within a window, by the predecessor's points.
public struct Risk: Sendable, Hashable {
    /// What the points amount to.
    public enum Level: String, Sendable, Hashable {
        case low, medium, high
    }

    private let count: Int
    private let collections: Int
    private let actions: Int

    /// The risk of so many events, in so many collections, by so many actions.
    public init(events: Int, collections: Int, actions: Int) {
        count = events
        self.collections = collections
        self.actions = actions
    }

    init(_ tally: IPTally) {
        self.init(events: tally.events, collections: Int(tally.collections), actions: Int(tally.actions))
    }

    /// Four points are high, two are medium.
    public var level: Level {
        switch points {
        case 4...: .high
        case 2...: .medium
        default: .low
        }
    }

    private var points: Int {
        let volume = count > 500 ? 3 : count > 200 ? 2 : count > 100 ? 1 : 0
        let breadth = collections > 10 ? 2 : collections > 5 ? 1 : 0
        return volume + breadth + (actions > 4 ? 1 : 0)
    }

    /// `round(min(count/1000·50, 50) + min(collections/20·25, 25) + min(actions/5·25, 25))`, 0 to 100.
    ///
    /// In twentieths, so that no floating point decides which way a half is rounded (up, as SQL's `round` does).
    public var score: Int {
        (min(count, 1000) + min(collections, 20) * 25 + min(actions, 5) * 100 + 10) / 20
    }

    /// The first reason that holds.
    var alertType: StaticString {
        if count > 500 { return "EXCESSIVE_REQUESTS" }
        if collections > 10 { return "BROAD_ACCESS" }
        return actions > 4 ? "DIVERSE_ACTIONS" : "SUSPICIOUS_PATTERN"
    }
}
