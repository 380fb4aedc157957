public import Activity

/// Makes alerts of findings: one for each occurrence, however often its finding is repeated.
///
/// A value: what it knows of each alert is an ``AlertEpisode``, which callers store with what they publish.
public struct AlertLifecycle: Sendable {
    /// What people decided about a finding.
    public struct Attention: Sendable, Hashable {
        /// Why it is recorded only: an allow-list or a silence.
        public var suppressedBy: String?
        /// Somebody knows of it, so it is not repeated unless it gets worse.
        public var isAcknowledged: Bool

        /// An attention from its parts.
        public init(suppressedBy: String? = nil, isAcknowledged: Bool = false) {
            self.suppressedBy = suppressedBy
            self.isAcknowledged = isAcknowledged
        }
    }

    private let settings: DetectionSettings.Lifecycle
    private var open: [String: AlertEpisode] = [:]
    /// No episode is due before. Being seen only moves an episode's end, so this stays right until it is reached.
    private var earliestEnd: Timestamp?

    /// A life cycle without open alerts.
    public init(_ settings: DetectionSettings.Lifecycle) {
        self.settings = settings
    }

    /// Goes on with an episode that is not over.
    public mutating func restore(_ episode: AlertEpisode) {
        open[episode.fingerprint] = episode
        expectEnd(of: episode)
    }

    /// The open episodes by fingerprint.
    public var episodes: [String: AlertEpisode] { open }

    /// When ``advance(to:)`` may have something to do.
    public var nextDeadline: Timestamp? { earliestEnd }

    /// Takes a finding.
    ///
    /// - Parameters:
    ///   - finding: what was found.
    ///   - fingerprint: of its rule and subject.
    ///   - now: the time; never before that of an earlier call.
    ///   - attention: what people decided about it.
    /// - Returns: what became of its episode; nil when the finding is of no consequence.
    public mutating func absorb(
        _ finding: Finding,
        of fingerprint: String,
        at now: Timestamp,
        attention: Attention = Attention(),
    ) -> AlertChange? {
        guard finding.isAboveThreshold || open[fingerprint] != nil else { return nil }
        var episode = open[fingerprint] ?? AlertEpisode(finding, of: fingerprint, at: now)
        let hasWorsened = finding.isAboveThreshold && finding.severity > episode.severity
        if finding.isAboveThreshold { episode.finding = finding }
        episode.severity = max(episode.severity, finding.severity)
        episode.seenAt = now
        episode.suppressedBy = attention.suppressedBy
        if episode.status == .pending && now >= episode.startsAt.advanced(bySeconds: settings.pendingFor) {
            episode.status = .firing
        }
        let event = event(for: &episode, at: now, attention, hasWorsened)
        open[fingerprint] = episode
        expectEnd(of: episode)
        return AlertChange(episode: episode, event: event)
    }

    /// Ends what has been quiet for long enough.
    ///
    /// - Returns: the episodes that are over, the first seen last first.
    public mutating func advance(to now: Timestamp) -> [AlertChange] {
        guard let earliestEnd, earliestEnd <= now else { return [] }
        let over = open.values.filter { $0.seenAt.advanced(bySeconds: settings.quietPeriod) <= now }
        for episode in over { open[episode.fingerprint] = nil }
        self.earliestEnd = open.values.map { $0.seenAt.advanced(bySeconds: settings.quietPeriod) }.min()
        return over.sorted { ($0.seenAt, $0.fingerprint) < ($1.seenAt, $1.fingerprint) }.map { end($0, at: now) }
    }

    /// Ends an episode at once, because what it was about is known to be well again.
    ///
    /// - Returns: the end; nil when nothing of this fingerprint is open.
    public mutating func resolve(_ fingerprint: String, at now: Timestamp) -> AlertChange? {
        guard let episode = open.removeValue(forKey: fingerprint) else { return nil }
        return end(episode, at: now)
    }

    private func event(
        for episode: inout AlertEpisode,
        at now: Timestamp,
        _ attention: Attention,
        _ hasWorsened: Bool,
    ) -> AlertChange.Event? {
        guard episode.status == .firing, attention.suppressedBy == nil else { return nil }
        let event: AlertChange.Event
        if let publishedAt = episode.publishedAt {
            let isDue = now >= publishedAt.advanced(bySeconds: settings.repeatInterval) && !attention.isAcknowledged
            guard hasWorsened || isDue else { return nil }
            event = .updated
        } else {
            event = .firing
        }
        episode.published += 1
        episode.publishedAt = now
        return event
    }

    /// Whoever heard of the beginning hears of the end.
    private func end(_ episode: AlertEpisode, at now: Timestamp) -> AlertChange {
        var episode = episode
        episode.status = .resolved
        episode.endsAt = episode.seenAt
        guard episode.published > 0 else { return AlertChange(episode: episode, event: nil) }
        episode.published += 1
        episode.publishedAt = now
        return AlertChange(episode: episode, event: .resolved)
    }

    private mutating func expectEnd(of episode: AlertEpisode) {
        let end = episode.seenAt.advanced(bySeconds: settings.quietPeriod)
        earliestEnd = min(earliestEnd ?? end, end)
    }
}
