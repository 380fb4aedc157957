public import Activity

/// One occurrence of something suspicious, from the first finding until it has been quiet for a while.
///
///     pending ──▶ firing ──▶ resolved
///        └───── quiet ──────────▲
public struct AlertEpisode: Sendable, Hashable, Codable {
    /// Where it is in its life.
    public enum Status: String, Sendable, Hashable, Codable {
        /// Not for long enough yet.
        case pending
        /// Going on.
        case firing
        /// Over.
        case resolved
    }

    /// Of rule and subject: the same each time.
    public let fingerprint: String
    /// New for each firing.
    public let occurrenceID: String
    /// Where it is in its life.
    public internal(set) var status: Status
    /// The newest finding that was above its threshold.
    public internal(set) var finding: Finding
    /// The highest so far.
    public internal(set) var severity: Severity
    /// When it began.
    public let startsAt: Timestamp
    /// When it was last seen.
    public internal(set) var seenAt: Timestamp
    /// When the newest event of it was published; nil before the first.
    public internal(set) var publishedAt: Timestamp?
    /// When it was last seen, once it is over.
    public internal(set) var endsAt: Timestamp?
    /// Events that were published of it.
    public internal(set) var published: Int
    /// Why it is not published: an allow-list or a silence.
    public internal(set) var suppressedBy: String?

    init(_ finding: Finding, of fingerprint: String, at now: Timestamp) {
        self.fingerprint = fingerprint
        occurrenceID = "\(fingerprint)-\(String(now.microseconds, radix: 36))"
        status = .pending
        self.finding = finding
        severity = finding.severity
        startsAt = min(finding.at, now)
        seenAt = now
        published = 0
    }
}
