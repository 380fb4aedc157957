/// How suspicious an address looks within a window, by the predecessor's points.
struct Risk {
    enum Level: String {
        case low, medium, high
    }

    private let count: Int
    private let collections: Int
    private let actions: Int

    init(_ tally: IPTally) {
        count = tally.events
        collections = Int(tally.collections)
        actions = Int(tally.actions)
    }

    var level: Level {
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
    var score: Int {
        (min(count, 1000) + min(collections, 20) * 25 + min(actions, 5) * 100 + 10) / 20
    }

    /// The first reason that holds.
    var alertType: StaticString {
        if count > 500 { return "EXCESSIVE_REQUESTS" }
        if collections > 10 { return "BROAD_ACCESS" }
        return actions > 4 ? "DIVERSE_ACTIONS" : "SUSPICIOUS_PATTERN"
    }
}
