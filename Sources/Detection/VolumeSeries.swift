/// The counts of one action in bucket after bucket, or of all actions together.
struct VolumeSeries: Sendable, Hashable {
    /// Nil for the total.
    let action: String?
    private var detector: RarityDetector
    /// Whether it is not stored as it is.
    private(set) var isChanged = true

    /// Under which name its state is stored.
    var key: String { action.map { Self.actionPrefix + $0 } ?? Self.totalKey }

    private static let totalKey = "total"
    private static let actionPrefix = "action:"

    init(action: String?, _ detector: RarityDetector) {
        self.action = action
        self.detector = detector
    }

    /// The total comes first, then actions by name.
    func precedes(_ other: VolumeSeries) -> Bool {
        guard let action else { return other.action != nil }
        return other.action.map { action < $0 } ?? false
    }

    /// Its part of a bucket.
    func events(in counts: [String: Int]) -> Int {
        action.map { counts[$0] ?? 0 } ?? counts.values.reduce(0, +)
    }

    mutating func judge(_ events: Int, hourOfDay: Int) throws -> RarityVerdict {
        isChanged = true
        return try detector.absorb(Double(events), hourOfDay: hourOfDay)
    }

    mutating func teach(_ events: Int, hourOfDay: Int) {
        isChanged = true
        // Counts that are believed are far from what a detector refuses.
        try? detector.teach(Double(events), hourOfDay: hourOfDay)
    }
}

extension VolumeSeries {
    /// The state with the length of the buckets that it was made of, to be stored.
    mutating func takeState(bucketSeconds: Int) -> [UInt8] {
        isChanged = false
        var writer = StateWriter()
        writer.append(bucketSeconds)
        detector.encode(into: &writer)
        return writer.bytes
    }

    /// Nil when it was made of buckets of another length.
    init?(key: String, _ state: [UInt8], _ settings: VolumeSettings) throws(DamagedStateError) {
        guard key == Self.totalKey || key.hasPrefix(Self.actionPrefix) else { throw DamagedStateError() }
        var reader = StateReader(state)
        guard try reader.next(upTo: 3_600) == settings.bucketSeconds else { return nil }
        action = key == Self.totalKey ? nil : String(key.dropFirst(Self.actionPrefix.count))
        detector = try RarityDetector(from: &reader, settings: settings.rarity)
        isChanged = false
        guard reader.isAtEnd else { throw DamagedStateError() }
    }
}
