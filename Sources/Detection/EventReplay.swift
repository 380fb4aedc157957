import Activity

/// Which alerts a history would have raised, by the events' own time.
public struct EventReplay: Sendable {
    private var detector: AlertDetector
    /// The highest severity that was told of each occurrence.
    private var told: [String: Severity] = [:]

    /// A replay that goes on from what a detector knows.
    public init(_ detector: AlertDetector) {
        self.detector = detector
    }

    /// Plays events, a minute at a time.
    ///
    /// - Parameter events: in any order; those of a later call are not earlier.
    /// - Returns: the alerts that were published, by time; again when one gets worse.
    public mutating func alerts(of events: [ActivityEvent]) -> [Finding] {
        var alerts: [Finding] = []
        for minute in events.sorted(by: { ($0.at, $0.id) < ($1.at, $1.id) }).byMinute {
            guard let last = minute.last else { continue }
            let changes = detector.absorb(Array(minute), now: last.at, until: last.at)
            alerts += changes.filter { isNews($0) }.map(\.episode.finding)
            _ = detector.engine.takeChanges()
        }
        return alerts
    }

    /// The detectors that failed on the way.
    public mutating func takeFailures() -> [DetectorFailure] { detector.engine.takeFailures() }

    private mutating func isNews(_ change: AlertChange) -> Bool {
        let (id, severity) = (change.episode.occurrenceID, change.episode.severity)
        switch change.event {
        case .firing, .updated: return told.updateValue(severity, forKey: id).map { $0 < severity } ?? true
        case .resolved:
            told[id] = nil
            return false
        case nil: return false
        }
    }
}
