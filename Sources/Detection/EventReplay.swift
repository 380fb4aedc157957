import Activity

/// Which alerts a history would have raised: the engine run over it by the events' own time.
public struct EventReplay: Sendable {
    private var engine: DetectionEngine
    private let allow: AllowList
    private let quietPeriod: Int
    private var open: [Fingerprint: Episode] = [:]

    private struct Episode {
        var last: Timestamp
        var severities: Set<Severity> = []
    }

    /// A replay under these settings, with nothing known of the time before.
    public init(_ settings: DetectionSettings) {
        engine = DetectionEngine(settings)
        allow = settings.allow
        quietPeriod = settings.lifecycle.quietPeriod
    }

    /// Plays events, a minute at a time.
    ///
    /// - Parameter events: in any order; those of a later call are not earlier.
    /// - Returns: by time, one for each rule, subject and severity until it was quiet for the quiet period.
    public mutating func alerts(of events: [ActivityEvent]) -> [Finding] {
        var alerts: [Finding] = []
        for minute in events.sorted(by: { ($0.at, $0.id) < ($1.at, $1.id) }).byMinute {
            guard let last = minute.last else { continue }
            let findings = engine.absorb(Array(minute), now: last.at) + engine.advance(to: last.at)
            alerts += findings.filter { isNews($0) }
            _ = engine.takeChanges()
        }
        return alerts
    }

    /// The detectors that failed on the way.
    public mutating func takeFailures() -> [DetectorFailure] { engine.takeFailures() }

    private mutating func isNews(_ finding: Finding) -> Bool {
        guard allow.reason(for: finding) == nil else { return false }
        let fingerprint = Fingerprint(finding)
        var episode = open[fingerprint].flatMap { finding.at > $0.last.advanced(bySeconds: quietPeriod) ? nil : $0 }
        guard finding.isAboveThreshold else {
            episode?.last = finding.at
            open[fingerprint] = episode
            return false
        }
        var current = episode ?? Episode(last: finding.at)
        current.last = max(current.last, finding.at)
        defer { open[fingerprint] = current }
        return current.severities.insert(finding.severity).inserted
    }
}
