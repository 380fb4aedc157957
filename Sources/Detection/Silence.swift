public import Activity

/// Something not to be told for a while. What is nil matches everything; what is set must match all together.
public struct Silence: Sendable, Hashable {
    /// The silence's number in its table.
    public var id: Int64
    /// A rule by name.
    public var rule: String?
    /// An alert by its fingerprint.
    public var fingerprint: String?
    /// Addresses, and networks within.
    public var network: Network?
    /// A user as its events have it.
    public var userId: String?
    /// From when on it is told again.
    public var expiresAt: Timestamp
    /// Why.
    public var comment: String

    /// A silence from its parts.
    public init(
        id: Int64,
        rule: String? = nil,
        fingerprint: String? = nil,
        network: Network? = nil,
        userId: String? = nil,
        expiresAt: Timestamp,
        comment: String,
    ) {
        self.id = id
        self.rule = rule
        self.fingerprint = fingerprint
        self.network = network
        self.userId = userId
        self.expiresAt = expiresAt
        self.comment = comment
    }

    /// Whether it is about this finding; whether it has expired is the caller's question, who has the clock.
    ///
    /// A silence without any matcher is about nothing.
    public func matches(_ finding: Finding, fingerprint: Fingerprint) -> Bool {
        guard rule != nil || self.fingerprint != nil || network != nil || userId != nil else { return false }
        return (rule.map { $0 == finding.rule.name } ?? true)
            && (self.fingerprint.map { $0 == fingerprint.description } ?? true)
            && (userId.map { $0 == finding.subject.userId } ?? true)
            && (network.map { network in finding.subject.place.map(network.contains) ?? false } ?? true)
    }
}
