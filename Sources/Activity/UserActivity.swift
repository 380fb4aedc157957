/// What single users did within a window of whole hours.
struct UserActivity {
    private(set) var events = 0
    private(set) var collections: [Int32: TrafficTally] = [:]
    private(set) var actions: [Int32: TrafficTally] = [:]
    private(set) var ips: Set<Int32> = []

    private mutating func absorb(_ fact: Fact) {
        let count = Int(fact.events)
        events += count
        collections[fact.collection, default: TrafficTally()].events += count
        actions[fact.action, default: TrafficTally()].events += count
        if fact.ip != 0 { ips.insert(fact.ip) }
    }

    /// The activity of each of the given users who has any, in one pass over the window.
    static func activities(of users: Set<Int32>, in cube: Cube, hours: ClosedRange<Hour>) -> [Int32: UserActivity] {
        guard let last = users.max() else { return [:] }
        var slots = [Int32](repeating: -1, count: Int(last) + 1)
        let codes = users.sorted()
        for (slot, user) in codes.enumerated() { slots[Int(user)] = Int32(slot) }
        var activities = [UserActivity](repeating: UserActivity(), count: codes.count)
        for segment in cube.segments(in: hours) {
            for fact in segment.facts where fact.user <= last && slots[Int(fact.user)] >= 0 {
                activities[Int(slots[Int(fact.user)])].absorb(fact)
            }
        }
        return Dictionary(uniqueKeysWithValues: zip(codes, activities).filter { $0.1.events > 0 })
    }
}
