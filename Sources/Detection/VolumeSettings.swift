public import Activity

/// What a ``VolumeDetector`` counts, and when it calls that unusual.
public struct VolumeSettings: Sendable, Hashable {
    /// Whether it looks at all.
    public var isEnabled = true
    /// The length of a bucket in seconds, 60…3600. Another length makes another series: what was learnt is dropped.
    public var bucketSeconds = 300
    /// Seconds after its end for which a bucket waits for events that come late, 0…3600.
    public var graceSeconds = 30
    /// Actions that have a series of their own, the first ones seen; the others are counted in the total only.
    public var actions = 64
    /// Events that a bucket has, or should have, before it is told of, 0…1,000,000. Of a few events an hour the next one
    /// is always surprising, and never news.
    public var minimumEvents = 20
    /// The margin from which on a finding is of high severity instead of low, 0…100.
    ///
    /// Margins below hardly tell true from false on the benchmark: from 0 to 5, 46 % of alerts lie in a window that
    /// people have labelled. Of those from 5 on, 10 of 13 do.
    public var highMargin = 5.0
    /// The thresholds; a reason is turned off by having none.
    public var rarity = RaritySettings()

    /// The defaults.
    public init() {}
}

/// How often an action was done within a bucket of the past.
public struct VolumeBucket: Sendable, Hashable {
    /// The moment at which it begins, or any other within.
    public var start: Timestamp
    /// As in ``ActivityEvent/action``.
    public var action: String
    /// How often.
    public var events: Int

    /// A bucket.
    public init(start: Timestamp, action: String, events: Int) {
        self.start = start
        self.action = action
        self.events = events
    }

    /// No less than none, and no more than what can be added up.
    var believable: Int { min(max(0, events), VolumeCounts.mostEvents) }
}
