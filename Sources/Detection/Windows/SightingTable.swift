import Activity

/// Sightings by key, and which keys have new ones.
struct SightingTable: Sendable {
    private var table: KeyedTable<Sightings>
    private var touched: [String: ClosedRange<Timestamp>] = [:]
    private let capacity: Int
    private let eviction: Sightings.Eviction

    /// A table of a detector, for windows in which no more than a threshold is looked for. The prefix tells its keys from
    /// those of the detector's other tables.
    init(
        _ detector: String,
        prefix: String = "",
        threshold: Int,
        _ eviction: Sightings.Eviction = .oldest,
        limit: Int = 50_000,
    ) {
        table = KeyedTable(detector: detector, prefix: prefix, limit: limit)
        capacity = max(128, 16 * threshold)
        self.eviction = eviction
    }

    var prefix: String { table.prefix }

    /// How many sightings of a key are kept; a window that counts as many may have had more.
    var mostCounted: Int { capacity }

    mutating func add(_ sighting: Sighting, to key: String) {
        table.update(key) { $0.insert(sighting, capacity: capacity, eviction) }
        let before = touched[key] ?? sighting.at...sighting.at
        touched[key] = min(before.lowerBound, sighting.at)...max(before.upperBound, sighting.at)
    }

    /// Excuses what a key has of a tag.
    mutating func excuse(_ tag: UInt32, of key: String) {
        guard table[key] != nil else { return }
        table.update(key) { $0.excuse(tag) }
    }

    /// The keys with new sightings since the last call.
    mutating func takeTouched() -> [(key: String, sightings: Sightings, span: ClosedRange<Timestamp>)] {
        defer { touched.removeAll(keepingCapacity: true) }
        return touched.compactMap { key, span in
            table[key].map { (key, $0, span) }
        }
    }

    mutating func expire(before moment: Timestamp) { table.expire(before: moment) }
    mutating func takeChanges() -> [StateChange] { table.takeChanges() }
    mutating func restore(_ key: some StringProtocol, _ bytes: [UInt8]) throws(DamagedStateError) {
        try table.restore(key, bytes)
    }
}
