/// One pass over the cube from the newest hour to the oldest that yields every window at once.
///
/// Sums accumulate, and a distinct pair counts the first time it is met, so that at the first hour of any window the
/// tallies are that window's exact answer.
struct WindowSweep {
    private let dimensions: Dimensions
    private var events = 0
    private var collections: [TrafficTally]
    private var actions: [TrafficTally]
    private var ips: [IPTally]
    private var users: [UserTally]
    private var distinctUsers = 0
    private var distinctIPs = 0
    private var collectionUsers: PairSet
    private var collectionIPs: PairSet
    private var actionUsers: PairSet
    private var actionIPs: PairSet
    private var userIPs: PairSet

    init(_ dimensions: Dimensions) {
        self.dimensions = dimensions
        let (collections, actions) = (dimensions.collections.bound, dimensions.actions.bound)
        let (users, ips) = (dimensions.users.bound, dimensions.ips.bound)
        self.collections = Array(repeating: TrafficTally(), count: collections)
        self.actions = Array(repeating: TrafficTally(), count: actions)
        self.ips = Array(repeating: IPTally(), count: ips)
        self.users = Array(repeating: UserTally(), count: users)
        collectionUsers = PairSet(rows: users, columns: collections)
        collectionIPs = PairSet(rows: ips, columns: collections)
        actionUsers = PairSet(rows: users, columns: actions)
        actionIPs = PairSet(rows: ips, columns: actions)
        userIPs = PairSet(rows: users, columns: ips)
    }

    /// Answers a question for several windows that all end with the same hour.
    ///
    /// - Parameters:
    ///   - cube: the facts.
    ///   - dimensions: the names behind the facts' codes.
    ///   - starts: the first hour of each window, newest first.
    ///   - end: the last hour of all windows; later segments are not counted.
    ///   - collection: counts only the rows of this collection when given.
    ///   - answer: what to take from the tallies of a window.
    /// - Returns: as many answers as starts, in their order.
    static func answers<Answer>(
        over cube: Cube,
        dimensions: Dimensions,
        from starts: [Hour],
        through end: Hour,
        collection: Int32? = nil,
        _ answer: (borrowing WindowSweep) -> Answer,
    ) -> [Answer] {
        var sweep = WindowSweep(dimensions)
        var nextHour = end
        return starts.map { start in
            precondition(start <= nextHour.advanced(by: 1), "windows are given newest first")
            if start <= nextHour {
                for segment in cube.segments(in: start...nextHour).reversed() {
                    sweep.absorb(segment, only: collection)
                }
            }
            nextHour = start.advanced(by: -1)
            return answer(sweep)
        }
    }

    private mutating func absorb(_ segment: Segment, only collection: Int32?) {
        let start = segment.hour.start.microseconds
        for fact in segment.facts where collection == nil || fact.collection == collection {
            absorb(fact, at: Timestamp(microseconds: start + Int64(fact.lastOffset)))
        }
    }

    private mutating func absorb(_ fact: Fact, at moment: Timestamp) {
        let count = Int(fact.events)
        events += count
        collections[Int(fact.collection)].events += count
        actions[Int(fact.action)].events += count
        if fact.user != 0 { absorbUser(of: fact, count, moment) }
        if fact.ip != 0 { absorbIP(of: fact, count, moment) }
        if fact.user != 0 && fact.ip != 0 && userIPs.insert(fact.user, fact.ip) {
            users[Int(fact.user)].ips += 1
            ips[Int(fact.ip)].users += 1
        }
    }

    private mutating func absorbUser(of fact: Fact, _ count: Int, _ moment: Timestamp) {
        let user = Int(fact.user)
        if users[user].events == 0 { distinctUsers += 1 }
        users[user].events += count
        if users[user].lastSeen < moment { users[user].lastSeen = moment }
        if collectionUsers.insert(fact.user, fact.collection) {
            collections[Int(fact.collection)].users += 1
            users[user].collections += 1
        }
        if actionUsers.insert(fact.user, fact.action) { actions[Int(fact.action)].users += 1 }
    }

    private mutating func absorbIP(of fact: Fact, _ count: Int, _ moment: Timestamp) {
        let ip = Int(fact.ip)
        if ips[ip].events == 0 { distinctIPs += 1 }
        ips[ip].events += count
        if ips[ip].lastSeen < moment { ips[ip].lastSeen = moment }
        if collectionIPs.insert(fact.ip, fact.collection) {
            collections[Int(fact.collection)].ips += 1
            ips[ip].collections += 1
        }
        if actionIPs.insert(fact.ip, fact.action) {
            actions[Int(fact.action)].ips += 1
            ips[ip].actions += 1
        }
    }

    /// Every address of medium or high risk, by count descending.
    var suspiciousIPs: [Ranked<IPTally>] {
        Ranking.all(ips, of: dimensions.ips).filter { Risk($0.tally).level != .low }
    }

    /// What the documents say about the window.
    var totals: WindowTotals {
        WindowTotals(
            events: events,
            users: distinctUsers,
            ips: distinctIPs,
            collections: Ranking.all(collections, of: dimensions.collections),
            actions: Ranking.all(actions, of: dimensions.actions),
            busiestIPs: Ranking.best(ips, of: dimensions.ips),
            busiestUsers: Ranking.best(users, of: dimensions.users),
        )
    }
}
