public import Activity

/// How the volume detector is configured.
public struct VolumeSettings: Sendable, Hashable {
    /// Whether it looks at all.
    public var isEnabled = true

    /// The defaults.
    public init() {}
}

/// Events of one action within one bucket of time.
public struct VolumeBucket: Sendable, Hashable {
    /// The first moment of the bucket.
    public var start: Timestamp
    /// Nil for all actions together.
    public var action: String?
    /// How many events it has.
    public var events: Int

    /// A bucket.
    public init(start: Timestamp, action: String?, events: Int) {
        self.start = start
        self.action = action
        self.events = events
    }
}

/// Takes the place of the detector of unusual numbers of events, which is not here yet.
struct VolumeDetector: Sendable {
    static let name = "volume"

    init(_ settings: VolumeSettings) {}

    var nextClose: Timestamp? { nil }
    mutating func absorb(_ event: ActivityEvent) throws {}
    mutating func advance(to now: Timestamp) throws -> [Finding] { [] }
    mutating func learn(_ history: [VolumeBucket]) {}
    mutating func takeChanges() -> [StateChange] { [] }
    mutating func restore(key: String, state: [UInt8]) throws {}
}
