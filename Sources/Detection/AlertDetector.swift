public import Activity

/// Everything from events to alerts: the engine, whose findings a life cycle makes alerts of.
///
/// A value, as its parts are: live in the feed's transaction, and over the past in a backtest.
public struct AlertDetector: Sendable {
    /// The detectors.
    public var engine: DetectionEngine
    /// The alerts that are open.
    public var lifecycle: AlertLifecycle
    private let allowed: AllowList

    /// A detector that knows nothing yet.
    public init(_ settings: DetectionSettings) {
        engine = DetectionEngine(settings)
        lifecycle = AlertLifecycle(settings.lifecycle)
        allowed = settings.allow
    }

    /// When time alone would make a difference.
    public var nextDeadline: Timestamp? {
        [engine.nextDeadline, lifecycle.nextDeadline].compactMap(\.self).min()
    }

    /// Takes events in and lets time pass.
    ///
    /// Alerts go by the time of events, so that a backlog of days makes the alerts that it would have made then.
    ///
    /// - Parameters:
    ///   - events: in any order.
    ///   - now: the clock; events after it count as of now.
    ///   - end: up to when all events are known: `now`, unless there is a backlog.
    ///   - decisions: what people have decided.
    /// - Returns: what became of alerts, in order.
    public mutating func absorb(
        _ events: [ActivityEvent],
        now: Timestamp,
        until end: Timestamp,
        _ decisions: AlertDecisions = AlertDecisions(),
    ) -> [AlertChange] {
        let findings = engine.absorb(events, now: now) + engine.advance(to: end)
        var changes: [AlertChange] = []
        var clock = findings.first.map { min($0.at, now) } ?? end
        for finding in findings {
            clock = max(clock, min(finding.at, now))
            changes += lifecycle.advance(to: clock)
            if let change = absorb(finding, at: clock, decisions) { changes.append(change) }
        }
        return changes + lifecycle.advance(to: max(clock, end))
    }

    private mutating func absorb(
        _ finding: Finding,
        at clock: Timestamp,
        _ decisions: AlertDecisions,
    ) -> AlertChange? {
        let fingerprint = Fingerprint(finding).description
        let attention = decisions.attention(to: finding, open: lifecycle.episodes[fingerprint], allowed)
        return lifecycle.absorb(finding, of: fingerprint, at: clock, attention: attention)
    }
}
