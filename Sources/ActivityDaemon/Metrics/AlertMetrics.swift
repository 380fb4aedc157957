import Detection
import Pipeline

/// What detectors find, and how it reaches subscribers.
struct AlertMetrics: Sendable {
    private let changes: Labelled<Counter>
    private let firing: Labelled<Gauge>
    private let detectorFailures: Counter
    private let detectorsOff: Gauge
    private let relayed: Counter
    private let relayFailures: Counter
    private let rewinds: Counter
    private let renumberings: Counter
    private let pending: Gauge
    private let lag: Gauge
    private let lastSequence: Gauge

    init(_ registry: inout MetricRegistry) {
        changes = registry.counters(
            "alert_events",
            by: ["type", "severity", "event"],
            "Events of alerts that this daemon has committed for publishing: firing, updated or resolved",
        )
        firing = registry.gauges("alerts_firing", by: ["type", "severity"], "Alerts that are firing now")
        detectorFailures = registry.counter("detector_failures", "Detectors that this daemon has switched off")
        detectorsOff = registry.gauge("detectors_off", "Detectors that are off because they failed")
        relayed = registry.counter("relay_events", "Events of alerts that this daemon has written to Redis")
        relayFailures = registry.counter("relay_failures", "Attempts to write events to Redis that failed")
        rewinds = registry.counter("relay_rewinds", "Times that Redis had lost events, which were written again")
        renumberings = registry.counter("relay_renumberings", "Times that Redis knew more events than PostgreSQL")
        pending = registry.gauge("relay_pending_events", "Events that no subscriber has heard of yet")
        lag = registry.gauge("relay_lag_seconds", "From the commit of an event to its delivery, or until now")
        lastSequence = registry.gauge("relay_last_sequence", "The number of the last event in the stream")
    }

    func record(_ outcome: DetectionOutcome) {
        for change in outcome.alerts {
            guard let event = change.event else { continue }
            changes[change.episode.finding.alertType, change.episode.severity.rawValue, event.rawValue].add()
        }
        detectorFailures.add(Int64(outcome.failures.count))
    }

    func record(_ sample: TableSample) {
        // An alert type that fires no more shows 0 rather than what it showed before.
        for (_, gauge) in firing.all { gauge.set(0) }
        for (kind, count) in sample.firing { firing[kind.type, kind.severity].set(Double(count)) }
        detectorsOff.set(Double(sample.detectorsOff))
    }

    func recordRelay(_ observation: PipelineObservation) {
        switch observation {
        case .relayed(let progress):
            relayed.add(Int64(progress.events))
            set(pending: progress.pending, lag: progress.lag, lastSequence: progress.lastSequence)
        case .relayIdle(let last): set(pending: 0, lag: .zero, lastSequence: last)
        case .relayFailed(_, let backlog):
            relayFailures.add()
            if let backlog { set(pending: backlog.count, lag: backlog.age) }
        case .relayRewound: rewinds.add()
        case .relayRenumbered: renumberings.add()
        default: break
        }
    }

    private func set(pending count: Int64, lag age: Duration, lastSequence last: Int64? = nil) {
        pending.set(Double(count))
        lag.set(age.seconds)
        if let last { lastSequence.set(Double(last)) }
    }
}
