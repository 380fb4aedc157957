/// Events by bucket and action, for the buckets that are still open.
struct VolumeCounts: Sendable, Hashable {
    private var buckets: [Int64: [String: Int]] = [:]
    /// Pairs of bucket and action that have a count.
    private var cells = 0

    /// Events may claim to be of any time; that does not fill the memory. A batch of real ones stays far below.
    private static let mostCells = 100_000

    /// The most events of a cell that are believed; sums of as many have room in an integer.
    static let mostEvents = 1 << 40

    /// The oldest bucket with events.
    var oldest: Int64? { buckets.keys.min() }

    /// Counts an event.
    ///
    /// - Returns: false when there are too many buckets with events already, and it was not counted.
    mutating func add(_ action: String, events: Int = 1, to bucket: Int64) -> Bool {
        if buckets[bucket]?[action] == nil {
            guard cells < Self.mostCells else { return false }
            cells += 1
        }
        buckets[bucket, default: [:]][action, default: 0] += events
        return true
    }

    /// Takes out what was counted in a bucket.
    mutating func close(_ bucket: Int64) -> [String: Int] {
        guard let counts = buckets.removeValue(forKey: bucket) else { return [:] }
        cells -= counts.count
        return counts
    }
}

extension VolumeCounts {
    func encode(into writer: inout StateWriter) {
        writer.append(buckets.count)
        for (bucket, counts) in buckets.sorted(by: { $0.key < $1.key }) {
            writer.append(bucket)
            writer.append(counts.count)
            for (action, events) in counts.sorted(by: { $0.key < $1.key }) {
                writer.append(action)
                writer.append(events)
            }
        }
    }

    init(from reader: inout StateReader) throws(DamagedStateError) {
        for _ in 0..<(try reader.next(upTo: Self.mostCells)) {
            let bucket = try reader.next(Int64.self)
            for _ in 0..<(try reader.next(upTo: Self.mostCells)) {
                let action = try reader.next(String.self)
                let events = try reader.next(upTo: Self.mostEvents)
                guard add(action, events: events, to: bucket) else { throw DamagedStateError() }
            }
        }
    }
}
