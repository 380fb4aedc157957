import Activity

/// Addresses or users: what each does in a sliding hour, and what is usual for it.
struct Entities: Sendable {
    /// How many events are allowed in an hour.
    struct Limit: Hashable {
        var events: Double
        /// What is usual; nil without a history.
        var expected: Double?
    }

    /// An entity with new events.
    struct Touched {
        var key: String
        var window: RequestWindow
        var baseline: EntityBaseline?
        /// All hours that something new was counted in.
        var tallies: [RequestWindow.Tally]
    }

    private static let detector = "requests"
    /// After so long without events what was usual is not any more.
    private static let baselineDays = 56

    private let isNamed: Bool
    private var windows: KeyedTable<RequestWindow>
    private var baselines: KeyedTable<EntityBaseline>
    private var touched: [String: ClosedRange<Int>] = [:]

    init(_ kind: String, isNamed: Bool) {
        self.isNamed = isNamed
        windows = KeyedTable(detector: Self.detector, prefix: "\(kind)/", limit: 20_000)
        baselines = KeyedTable(detector: Self.detector, prefix: "\(kind)-baseline/", limit: 20_000)
    }

    mutating func add(_ event: ActivityEvent, to key: String, _ settings: DetectionSettings.ExcessiveRequests) {
        for (hour, events) in windows.update(key, { $0.add(event, isNamed: isNamed) }) {
            teach(key, hour, events, settings)
        }
        let minute = RequestWindow.minute(of: event.at)
        let before = touched[key] ?? minute...minute
        touched[key] = min(before.lowerBound, minute)...max(before.upperBound, minute)
    }

    /// What is beyond the limit of its time is clipped: a flood teaches no more than the busiest hour that was allowed,
    /// and what goes on for days is usual in the end.
    mutating func teach(_ key: String, _ hour: Int, _ events: Int, _ settings: DetectionSettings.ExcessiveRequests) {
        let limit = limit(in: hour, of: key, settings).events
        baselines.update(key) { $0.teach(hour: hour, events: min(Double(events), limit)) }
    }

    /// The entities with new events since the last call, without those of fewer events than any rule looks at.
    mutating func takeTouched(fewestEvents: Int) -> [Touched] {
        defer { touched.removeAll(keepingCapacity: true) }
        return touched.compactMap { key, minutes in
            guard let window = windows[key], window.events >= fewestEvents else { return nil }
            let tallies = Set(minutes.flatMap(window.tallies)).sorted { $0.end < $1.end }
            return Touched(key: key, window: window, baseline: baselines[key], tallies: tallies)
        }
    }

    /// What an entity is allowed in an hour.
    func limit(in hour: Int, of key: String, _ settings: DetectionSettings.ExcessiveRequests) -> Limit {
        Self.limit(in: hour, baselines[key], settings)
    }

    fileprivate static func limit(
        in hour: Int,
        _ baseline: EntityBaseline?,
        _ settings: DetectionSettings.ExcessiveRequests,
    ) -> Limit {
        guard let usual = baseline?.usual(in: hour) else { return Limit(events: Double(settings.limit)) }
        let mean = Double(usual.mean)
        let most = max(
            Double(settings.floor),
            mean + settings.deviations * usual.deviation,
            mean * settings.ratio,
        )
        return Limit(events: most, expected: mean)
    }

    /// Forgets windows that nothing reaches any more, not without learning from them, and what was usual long ago.
    mutating func expire(at now: Timestamp, _ settings: DetectionSettings.ExcessiveRequests) {
        var closed: [(key: String, hour: Int, events: Int)] = []
        windows.expire(before: now.advanced(bySeconds: -RequestWindow.reach * 60)) { key, window in
            closed += window.hours(closedAt: .max).map { (key, $0.hour, $0.events) }
        }
        for (key, hour, events) in closed { teach(key, hour, events, settings) }
        baselines.expire(before: now.advanced(bySeconds: -Self.baselineDays * 86_400))
    }

    mutating func takeChanges() -> [StateChange] { windows.takeChanges() + baselines.takeChanges() }

    /// - Returns: false for a key of other entities.
    mutating func restore(_ key: String, _ state: [UInt8]) throws(DamagedStateError) -> Bool {
        if key.hasPrefix(windows.prefix) {
            try windows.restore(key.dropFirst(windows.prefix.count), state)
        } else if key.hasPrefix(baselines.prefix) {
            try baselines.restore(key.dropFirst(baselines.prefix.count), state)
        } else {
            return false
        }
        return true
    }
}

extension Entities.Touched {
    /// The higher limit of the two hours that a sliding hour lies in.
    func limit(of tally: RequestWindow.Tally, _ settings: DetectionSettings.ExcessiveRequests) -> Entities.Limit {
        let end = Entities.limit(in: tally.end / 60, baseline, settings)
        let start = Entities.limit(in: (tally.end - RequestWindow.length + 1) / 60, baseline, settings)
        return start.events > end.events ? start : end
    }
}
