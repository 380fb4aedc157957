public import Activity

/// Finds times at which unusually much or little happens: counts events in buckets, in total and for each action, and has
/// a ``RarityDetector`` judge each series. Buckets without events are zeros.
///
/// Time comes from outside only, by ``advance(to:)``. An event of a bucket that has been closed is in no series; whoever
/// catches up with a backlog advances to the time of its newest event rather than to that of the wall clock.
public struct VolumeDetector: Sendable {
    /// As findings, states and configurations call it.
    public static let name = "volume"

    private let settings: VolumeSettings
    private let clock: VolumeClock
    private var open = VolumeCounts()
    /// The oldest bucket that is open; nil before the first event.
    private var next: Int64?
    /// Whether there is a bucket before the oldest open one. Until then an older event may come first.
    private var hasClosed = false
    /// The total first, then actions by name.
    private var series: [VolumeSeries] = []

    private var isOpenChanged = false
    /// Keys of stored series that cannot be gone on with.
    private var dropped: Set<String> = []

    private static let openKey = "open"
    /// A year of five minutes. Of a longer silence or history only the end counts: an event may claim to be of 1970.
    private static let mostBuckets: Int64 = 105_120

    /// A detector that knows nothing yet.
    public init(_ settings: VolumeSettings) {
        self.settings = settings
        clock = VolumeClock(seconds: settings.bucketSeconds)
    }

    /// When ``advance(to:)`` will next have something to close; nil before the first event.
    public var nextClose: Timestamp? {
        next.map { Timestamp(seconds: clock.start(of: $0 + 1).second + Int64(settings.graceSeconds)) }
    }

    /// Counts an event, unless its bucket has been closed.
    public mutating func absorb(_ event: ActivityEvent) throws {
        guard VolumeClock.times.contains(event.at) else { return }
        let bucket = clock.bucket(of: event.at)
        if !hasClosed { next = min(next ?? bucket, bucket) }
        guard let next, bucket >= next, open.add(event.action, to: bucket) else { return }
        isOpenChanged = true
    }

    /// Closes every bucket that ended at least the grace before a moment.
    ///
    /// - Parameter now: a moment up to which all events have been absorbed. One before that of an earlier call does
    ///   nothing.
    /// - Returns: what was unusual, the oldest first, and within a bucket the total first. While an episode that has been
    ///   found goes on, its findings are not above the threshold and only keep its alert open.
    /// - Throws: nothing at present.
    public mutating func advance(to now: Timestamp) throws -> [Finding] {
        var findings: [Finding] = []
        let end = clock.bucket(of: now, secondsBefore: settings.graceSeconds)
        while var bucket = next, bucket < end {
            if end - bucket > Self.mostBuckets {
                bucket = max(bucket, min(open.oldest ?? end, end - Self.mostBuckets))
            }
            findings += try close(bucket)
        }
        return findings
    }

    private mutating func close(_ bucket: Int64) throws -> [Finding] {
        let counts = open.close(bucket)
        addSeries(for: counts.keys)
        (next, hasClosed, isOpenChanged) = (bucket + 1, true, true)
        let hourOfDay = clock.hourOfDay(bucket)
        return try series.indices.compactMap { index in
            let events = series[index].events(in: counts)
            let verdict = try series[index].judge(events, hourOfDay: hourOfDay)
            let most = max(Double(events), verdict.measures?.expected ?? 0)
            guard verdict.outcome != .usual, most >= Double(settings.minimumEvents) else { return nil }
            return finding(verdict, action: series[index].action, events, in: bucket)
        }
    }

    private func finding(_ verdict: RarityVerdict, action: String?, _ events: Int, in bucket: Int64) -> Finding {
        let (start, end) = (clock.start(of: bucket), clock.start(of: bucket + 1))
        return Finding(
            rule: Finding.Rule(name: Self.name, version: 1),
            alertType: "VOLUME_ANOMALY",
            severity: verdict.margin >= settings.highMargin ? .high : .low,
            subject: Finding.Subject(action: action),
            at: end,
            window: start...end,
            observed: Double(events),
            expected: verdict.measures?.expected,
            threshold: verdict.bar,
            score: verdict.margin,
            reason: reason(verdict, action: action, events),
            count: events,
            isAboveThreshold: verdict.isAlert,
        )
    }

    /// All that is unusual: what weighs most is not always what says most.
    private func reason(_ verdict: RarityVerdict, action: String?, _ events: Int) -> String {
        let subject = action.map { "\(events.grouped) × \($0)" } ?? "\(events.grouped) events"
        let reasons = RarityReason.byRank.compactMap { reason -> String? in
            guard let measures = verdict.measures, let margin = settings.rarity.margin(reason, measures) else {
                return nil
            }
            return margin >= 0 ? measures.explanation(of: reason, unit: "buckets") : nil
        }
        return (["\(subject) within \(clock.description)"] + reasons).joined(separator: "; ")
    }

    /// Begins the series of actions that were not seen before. Their first days only teach, as in the longest series of
    /// the benchmark: the range of a night is not that of a day, and one day makes no profile.
    private mutating func addSeries(for actions: some Collection<String>) {
        for action in [nil] + actions.sorted() where !series.contains(where: { $0.action == action }) {
            guard series.count <= settings.actions else { return }
            let detector = RarityDetector(warmUp: settings.rarity.longestWarmUp, settings: settings.rarity)
            insert(VolumeSeries(action: action, detector))
        }
    }

    private mutating func insert(_ new: VolumeSeries) {
        series.insert(new, at: series.firstIndex { new.precedes($0) } ?? series.endIndex)
    }
}

extension VolumeDetector {
    /// Teaches what was usual before live detection began, and raises nothing.
    ///
    /// It takes one call, before the first bucket is closed; later calls do nothing.
    ///
    /// - Parameters:
    ///   - history: counts of buckets, the oldest first.
    ///   - end: when live detection begins: buckets between the last of the history and this moment are zeros, and those
    ///     from its own on are still open. By default right after the last of the history.
    public mutating func learn(_ history: [VolumeBucket], until end: Timestamp? = nil) {
        guard next == nil, let first = history.first, let last = history.last else { return }
        let end = end.map { clock.bucket(of: $0) } ?? clock.bucket(of: last.start) + 1
        var rest = history[...]
        for bucket in max(clock.bucket(of: first.start), end - Self.mostBuckets)..<end {
            teach(bucket, counts(of: bucket, from: &rest))
        }
        for counted in rest {
            _ = open.add(counted.action, events: counted.believable, to: clock.bucket(of: counted.start))
        }
        (next, hasClosed, isOpenChanged) = (end, true, true)
    }

    private func counts(of bucket: Int64, from rest: inout ArraySlice<VolumeBucket>) -> [String: Int] {
        var counts: [String: Int] = [:]
        while let first = rest.first, clock.bucket(of: first.start) <= bucket {
            if clock.bucket(of: first.start) == bucket { counts[first.action, default: 0] += first.believable }
            rest.removeFirst()
        }
        return counts
    }

    private mutating func teach(_ bucket: Int64, _ counts: [String: Int]) {
        addSeries(for: counts.keys)
        let hourOfDay = clock.hourOfDay(bucket)
        for index in series.indices {
            series[index].teach(series[index].events(in: counts), hourOfDay: hourOfDay)
        }
    }
}

extension VolumeDetector {
    /// What has changed since the last call: a few bytes for the open buckets, and up to two and a half kilobytes for
    /// each series when a bucket was closed.
    public mutating func takeChanges() -> [StateChange] {
        let stale = dropped.subtracting(series.map(\.key)).sorted()
        dropped = []
        var changes = stale.map { StateChange(detector: Self.name, key: $0, state: nil) }
        if isOpenChanged { changes.append(StateChange(detector: Self.name, key: Self.openKey, state: openState)) }
        isOpenChanged = false
        for index in series.indices where series[index].isChanged {
            let state = series[index].takeState(bucketSeconds: clock.seconds)
            changes.append(StateChange(detector: Self.name, key: series[index].key, state: state))
        }
        return changes
    }

    /// Goes on from what ``takeChanges()`` has told. What was counted in buckets of another length is forgotten, so that a
    /// history may be learnt anew.
    ///
    /// - Parameters:
    ///   - key: as it was told; keys come in any order.
    ///   - state: as it was told.
    /// - Throws: ``DamagedStateError``.
    public mutating func restore(key: String, state: [UInt8]) throws {
        if key == Self.openKey {
            try restoreOpen(state)
        } else if let restored = try VolumeSeries(key: key, state, settings) {
            series.removeAll { $0.action == restored.action }
            insert(restored)
        } else {
            dropped.insert(key)
        }
    }

    private var openState: [UInt8] {
        var writer = StateWriter()
        writer.append(clock.seconds)
        writer.append(next ?? 0)
        writer.append(hasClosed ? 1 : 0)
        open.encode(into: &writer)
        return writer.bytes
    }

    private mutating func restoreOpen(_ state: [UInt8]) throws(DamagedStateError) {
        var reader = StateReader(state)
        guard try reader.next(upTo: 3_600) == clock.seconds else { return }
        let next = try reader.next(Int64.self)
        let hasClosed = try reader.next(upTo: 1) == 1
        let open = try VolumeCounts(from: &reader)
        guard reader.isAtEnd, clock.buckets.contains(next) else { throw DamagedStateError() }
        (self.next, self.hasClosed, self.open) = (next, hasClosed, open)
    }
}
