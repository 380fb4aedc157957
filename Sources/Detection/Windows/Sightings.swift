import Activity

/// One event that a window counts.
struct Sighting: Sendable, Hashable {
    var at: Timestamp
    var id: Int64
    /// A short name of what is told apart within the key, such as the user; see ``FNV1a/tag(_:)``.
    var tag: UInt32 = 0
    /// Whether it is an honest mistake as far as anybody can tell.
    var isExcused = false

    static func precedes(_ left: Sighting, _ right: Sighting) -> Bool {
        (left.at, left.id) < (right.at, right.id)
    }
}

/// The newest events of one key by time: enough to find every window with too many of them, whatever order they came in.
///
/// Sixteen times the threshold are kept. If that many lie within one window, it was found already; if they lie further
/// apart, no window that reaches beyond them matters any more, unless an event is late by more than a window.
struct Sightings: KeyedState, Hashable {
    private(set) var all: [Sighting] = []

    init() {}

    var lastUsed: Timestamp { all.last?.at ?? Timestamp(microseconds: .min) }

    /// Which of too many sightings goes.
    enum Eviction: Sendable {
        /// The oldest: what counts is how many there are.
        case oldest
        /// The oldest of those with a newer one of the same tag: what counts is how many tags there are.
        case oldestRepeated
    }

    mutating func insert(_ sighting: Sighting, capacity: Int, _ eviction: Eviction = .oldest) {
        all.insert(sighting, at: all.lastIndex { !Sighting.precedes(sighting, $0) }.map { $0 + 1 } ?? 0)
        // A quarter more than needed, so that the sweep's time is shared by many insertions.
        if all.count > capacity + capacity / 4 { evict(all.count - capacity, eviction) }
    }

    private mutating func evict(_ surplus: Int, _ eviction: Eviction) {
        var surplus = surplus
        if eviction == .oldestRepeated {
            var newer: Set<UInt32> = []
            let repeated = all.indices.reversed().filter { !newer.insert(all[$0].tag).inserted }
            let victims = Set(repeated.suffix(surplus))
            all = all.indices.filter { !victims.contains($0) }.map { all[$0] }
            surplus -= victims.count
        }
        all.removeFirst(surplus)
    }

    /// Excuses what has a tag.
    mutating func excuse(_ tag: UInt32) {
        for index in all.indices where all[index].tag == tag { all[index].isExcused = true }
    }

    // MARK: - Windows

    /// The window with the most of what is measured, among those that contain a moment of a span.
    ///
    /// - Parameters:
    ///   - span: the moments at which something is new.
    ///   - length: of the windows, both ends included.
    ///   - measure: what is looked for; nil for a window that is none of that kind.
    /// - Returns: nil when there is no window of that kind.
    func best(
        touching span: ClosedRange<Timestamp>,
        within length: Int64,
        _ measure: (SightingTally) -> Int?,
    ) -> SightingWindow? {
        var tally = SightingTally()
        var lower = 0
        var best: SightingWindow?
        for (upper, sighting) in all.enumerated() {
            tally.add(sighting)
            while all[lower].at.microseconds < sighting.at.microseconds - length {
                tally.remove(all[lower])
                lower += 1
            }
            guard span.lowerBound <= sighting.at else { continue }
            guard all[lower].at <= span.upperBound else { break }
            guard let value = measure(tally), value >= best?.value ?? 1 else { continue }
            best = SightingWindow(sightings: all[lower...upper], value: value)
        }
        return best
    }

    // MARK: - Storage

    init(reading reader: inout StateReader) throws(DamagedStateError) {
        var at = Int64(0)
        var id = Int64(0)
        for _ in 0..<(try reader.next(upTo: 1 << 20)) {
            at &+= try reader.next()
            id &+= try reader.next()
            let tag = try reader.next(upTo: Int(UInt32.max))
            let isExcused = try reader.next(upTo: 1) == 1
            let moment = Timestamp(microseconds: at)
            guard all.last.map({ $0.at <= moment }) ?? true else { throw DamagedStateError() }
            all.append(Sighting(at: moment, id: id, tag: UInt32(tag), isExcused: isExcused))
        }
    }

    func write(to writer: inout StateWriter) {
        writer.append(all.count)
        var last = Sighting(at: Timestamp(microseconds: 0), id: 0)
        for sighting in all {
            writer.append(sighting.at.microseconds &- last.at.microseconds)
            writer.append(sighting.id &- last.id)
            writer.append(Int64(sighting.tag))
            writer.append(sighting.isExcused ? 1 : 0)
            last = sighting
        }
    }
}

/// What a window contains.
struct SightingTally {
    private(set) var count = 0
    private(set) var unexcused = 0
    private var tags: [UInt32: Int] = [:]

    var distinctTags: Int { tags.count }

    mutating func add(_ sighting: Sighting) {
        count += 1
        if !sighting.isExcused { unexcused += 1 }
        tags[sighting.tag, default: 0] += 1
    }

    mutating func remove(_ sighting: Sighting) {
        count -= 1
        if !sighting.isExcused { unexcused -= 1 }
        guard let sightings = tags[sighting.tag] else { return }
        tags[sighting.tag] = sightings > 1 ? sightings - 1 : nil
    }
}

/// A window with the sightings in it.
struct SightingWindow {
    /// Not empty, by time.
    let sightings: ArraySlice<Sighting>
    /// What was measured.
    let value: Int

    var bounds: ClosedRange<Timestamp> {
        guard let first = sightings.first, let last = sightings.last else {
            preconditionFailure("a window without sightings")
        }
        return first.at...last.at
    }

    /// The newest ids.
    var evidence: [Int64] { sightings.suffix(Finding.evidenceLimit).map(\.id) }
}
