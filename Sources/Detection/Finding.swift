public import Activity

/// What a detector says of one moment: that something is suspicious, why, and how much.
///
/// Findings repeat as long as what they say holds; ``AlertLifecycle`` makes alerts of them.
public struct Finding: Sendable, Hashable, Codable {
    /// The rule that was broken.
    public var rule: Rule
    /// What kind of thing happened, in capitals: `BRUTE_FORCE`.
    public var alertType: String
    /// How urgent it is.
    public var severity: Severity
    /// Whom or what it is about.
    public var subject: Subject
    /// The event's time, or the end of the bucket.
    public var at: Timestamp
    /// The moments from which what was observed is taken.
    public var window: ClosedRange<Timestamp>
    /// What was counted or measured.
    public var observed: Double
    /// What would have been usual, where that is known.
    public var expected: Double?
    /// From where on it is suspicious.
    public var threshold: Double
    /// How far beyond it is, in the rule's own measure.
    public var score: Double
    /// Why, in words, with numbers: "7 failed logins in 10 minutes".
    public var reason: String
    /// Events that it was made of.
    public var count: Int
    /// Ids of rows that show it, the newest, ``evidenceLimit`` at most.
    public var evidence: [Int64]
    /// The predecessor's risk, for rules about addresses.
    public var risk: Risk?
    /// False when it only keeps an alert open that is firing: the observed is near its threshold but below it.
    public var isAboveThreshold: Bool

    /// The most rows that are kept as evidence.
    public static let evidenceLimit = 20

    /// A rule by name and version.
    public struct Rule: Sendable, Hashable, Codable {
        /// In lower case with hyphens, as in the configuration: `brute-force`.
        public var name: String
        /// Grows whenever the same events would make other findings.
        public var version: Int

        /// A rule.
        public init(name: String, version: Int) {
            self.name = name
            self.version = version
        }
    }

    /// Whom or what a finding is about; with its rule it decides which alert a finding belongs to.
    public struct Subject: Sendable, Hashable, Codable {
        /// An address as the log has it.
        public var ip: String?
        /// A network in CIDR notation, for rules about networks.
        public var network: String?
        /// A user as its events have it.
        public var userId: String?
        /// A collection of Directus.
        public var collection: String?
        /// An action.
        public var action: String?
        /// A job's name, for what concerns the daemon itself.
        public var job: String?
        /// A detector's name, for what concerns the daemon itself.
        public var detector: String?

        /// A subject from what is known of it; nothing at all means everybody.
        public init(
            ip: String? = nil,
            network: String? = nil,
            userId: String? = nil,
            collection: String? = nil,
            action: String? = nil,
            job: String? = nil,
            detector: String? = nil,
        ) {
            self.ip = ip
            self.network = network
            self.userId = userId
            self.collection = collection
            self.action = action
            self.job = job
            self.detector = detector
        }
    }

    /// The predecessor's risk of an address in its window; see `Activity.Risk`.
    public struct Risk: Sendable, Hashable, Codable {
        /// `low`, `medium` or `high`.
        public var level: String
        /// 0 to 100.
        public var activityScore: Int

        /// A risk.
        public init(level: String, activityScore: Int) {
            self.level = level
            self.activityScore = activityScore
        }
    }

    /// A finding from its parts.
    public init(
        rule: Rule,
        alertType: String,
        severity: Severity,
        subject: Subject,
        at: Timestamp,
        window: ClosedRange<Timestamp>,
        observed: Double,
        expected: Double? = nil,
        threshold: Double,
        score: Double,
        reason: String,
        count: Int,
        evidence: [Int64] = [],
        risk: Risk? = nil,
        isAboveThreshold: Bool = true,
    ) {
        self.rule = rule
        self.alertType = alertType
        self.severity = severity
        self.subject = subject
        self.at = at
        self.window = window
        self.observed = observed
        self.expected = expected
        self.threshold = threshold
        self.score = score
        self.reason = reason
        self.count = count
        self.evidence = evidence
        self.risk = risk
        self.isAboveThreshold = isAboveThreshold
    }
}
