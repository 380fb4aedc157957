/// What people have decided about alerts.
public struct AlertDecisions: Sendable {
    /// Silences that have not expired.
    public var silences: [Silence]
    /// Occurrences that somebody knows of.
    public var acknowledged: Set<String>

    /// Decisions from their parts; none by default.
    public init(silences: [Silence] = [], acknowledged: Set<String> = []) {
        self.silences = silences
        self.acknowledged = acknowledged
    }

    /// What they mean for a finding.
    ///
    /// - Parameters:
    ///   - finding: what was found.
    ///   - open: the episode that it belongs to, if there is one.
    ///   - allowed: whom and what never to tell anybody about.
    /// - Returns: whether it is published.
    public func attention(to finding: Finding, open: AlertEpisode?, _ allowed: AllowList) -> AlertLifecycle.Attention {
        let silence = silences.first { $0.matches(finding, fingerprint: Fingerprint(finding)) }
        return AlertLifecycle.Attention(
            suppressedBy: allowed.reason(for: finding) ?? silence.map { "silence \($0.id)" },
            isAcknowledged: open.map { acknowledged.contains($0.occurrenceID) } ?? false,
        )
    }
}
