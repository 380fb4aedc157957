/// Events of the last day to the second, for the windows of security alerts, oldest first.
public struct RecentActivity: Sendable {
    /// What one address did to one collection by one action within one second.
    public struct Event: Sendable {
        /// The newest of the rows counted.
        public var at: Timestamp
        /// Code of the address, never 0.
        public var ip: Int32
        /// Code of the collection.
        public var collection: Int32
        /// Code of the action.
        public var action: Int32
        /// Number of rows counted.
        public var events: UInt32

        /// An event from its codes and measures.
        public init(at: Timestamp, ip: Int32, collection: Int32, action: Int32, events: UInt32) {
            self.at = at
            self.ip = ip
            self.collection = collection
            self.action = action
            self.events = events
        }
    }

    /// How far back events are kept, in hours.
    public static let horizon = 24

    private var events: [Event] = []

    /// No events.
    public init() {}

    /// Adds events in any order and forgets those that no window reaches any more.
    public mutating func add(_ newEvents: [Event], now: Timestamp) {
        if !newEvents.isEmpty {
            events.append(contentsOf: newEvents)
            events.sort { $0.at < $1.at }
        }
        let oldest = Self.start(ofHours: Self.horizon, before: now)
        events.removeFirst(events.partitioningIndex { $0.at >= oldest })
    }

    /// The first moment of a window of so many hours: exact to the second.
    static func start(ofHours hours: Int, before now: Timestamp) -> Timestamp {
        Timestamp(seconds: now.second - Int64(hours) * 3600)
    }

    /// The suspicious addresses of several windows, in one pass from the newest event to the oldest.
    ///
    /// - Parameters:
    ///   - hours: lengths of the windows, ascending, at most `horizon`.
    ///   - now: the end of all windows; events of later seconds are not counted.
    ///   - dimensions: the names behind the codes.
    /// - Returns: for each window its addresses of medium or high risk, by count descending.
    func suspiciousIPs(inHours hours: [Int], before now: Timestamp, _ dimensions: Dimensions) -> [[Ranked<IPTally>]] {
        var tallies = [IPTally](repeating: IPTally(), count: dimensions.ips.bound)
        var collections = PairSet(rows: dimensions.ips.bound, columns: dimensions.collections.bound)
        var actions = PairSet(rows: dimensions.ips.bound, columns: dimensions.actions.bound)
        var upper = events.partitioningIndex { $0.at.second > now.second }
        return hours.map { hours in
            let lower = events.partitioningIndex { $0.at >= Self.start(ofHours: hours, before: now) }
            for event in events[min(lower, upper)..<upper].reversed() {
                let ip = Int(event.ip)
                tallies[ip].events += Int(event.events)
                if tallies[ip].lastSeen < event.at { tallies[ip].lastSeen = event.at }
                if collections.insert(event.ip, event.collection) { tallies[ip].collections += 1 }
                if actions.insert(event.ip, event.action) { tallies[ip].actions += 1 }
            }
            upper = min(lower, upper)
            return Ranking.all(tallies, of: dimensions.ips).filter { Risk($0.tally).level != .low }
        }
    }
}
