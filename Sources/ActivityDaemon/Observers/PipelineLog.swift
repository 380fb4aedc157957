import Activity
import Detection
package import Logging
package import Pipeline
import Synchronization

/// Makes log lines of what happens in the pipeline: one when something begins to fail, one when it works again.
package final class PipelineLog: Sendable {
    private struct State {
        var feedFailure: String?
        var refreshFailure: String?
        var publishFailure: String?
        var replicaFailure: String?
        var relayFailure: String?
        var operationsFailure: String?
        var superseded = false
        var hasCaughtUp = false
        var lastProgress: ContinuousClock.Instant?
        var lastServerProgress: ContinuousClock.Instant?
    }

    private let logger: Logger
    private let state = Mutex(State())

    /// While the first run or a statement of maintenance lasts, a line about its progress is written this often.
    private static let progressInterval = Duration.seconds(5)
    /// Hours or alerts of one run that have a line of their own.
    private static let mostLines = 10

    /// A log that writes to a logger.
    package init(_ logger: Logger) {
        self.logger = logger
    }

    /// Writes what is worth a line.
    package func record(_ observation: PipelineObservation) {
        switch observation {
        case .migrated(let schema, let version, let name):
            logger.notice(
                KnownMessage.migrated.text,
                metadata: [
                    "schema.name": "\(schema)", "schema.version": "\(version)", "schema.migration": "\(name)",
                ],
            )
        case .fed(let batch, let duration): recordFed(batch, duration)
        case .caughtUp(let rows):
            state.withLock { $0.hasCaughtUp = true }
            logger.notice(KnownMessage.caughtUp.text, metadata: ["feed.rows": "\(rows)"])
        case .feedFailed(let error): recordFailure(\.feedFailure, "feed failed", error)
        case .refreshed(let refresh): recordRefreshed(refresh)
        case .refreshFailed(let error): recordFailure(\.refreshFailure, "refresh failed", error)
        case .published(let outcome, let duration): recordPublished(outcome, duration)
        case .publishFailed(let error): recordFailure(\.publishFailure, "publishing to redis failed", error)
        case .progress(let progress): if let progress, isDue(\.lastServerProgress) { recordProgress(progress) }
        case .maintained(let upkeep): recordUpkeep(upkeep)
        case .detected(let outcome): recordDetected(outcome)
        case .operationsKnown: recordRecovery(\.operationsFailure, "watch over jobs recovered")
        case .operationsUnknown(let error): recordFailure(\.operationsFailure, "watch over jobs failed", error)
        case .reconciled(_, let drifted): recordDrift(drifted)
        case .replicaRead: recordRecovery(\.replicaFailure, "replica is read again")
        case .replicaPassedOver(let error):
            recordFailure(\.replicaFailure, "primary is read instead of the replica", error, level: .warning)
        case .relayed, .relayIdle, .relayFailed, .relayRewound, .relayRenumbered: recordRelay(observation)
        }
    }

    /// Whether the last line was long ago; if so, the next one is written now.
    private func isDue(_ last: WritableKeyPath<State, ContinuousClock.Instant?>) -> Bool {
        state.withLock { state in
            let now = ContinuousClock.now
            let isDue = state[keyPath: last].map { $0.duration(to: now) >= Self.progressInterval } ?? true
            if isDue { state[keyPath: last] = now }
            return isDue
        }
    }

    private func recordProgress(_ progress: ServerProgress) {
        var metadata: Logger.Metadata = [
            "maintenance.command": "\(progress.command)", "maintenance.subject": "\(progress.subject)",
            "maintenance.phase": "\(progress.phase)",
        ]
        if let share = progress.share { metadata["maintenance.percent"] = "\(Int(share * 100))" }
        if let session = progress.waitsFor { metadata["maintenance.waitsFor"] = "\(session)" }
        logger.info("maintenance under way", metadata: metadata)
    }

    private func recordUpkeep(_ upkeep: Upkeep) {
        logger.info(
            "maintained",
            metadata: [
                "maintenance.command": "\(upkeep.command)", "maintenance.subject": "\(upkeep.subject)",
                "maintenance.reason": "\(upkeep.reason)", "maintenance.seconds": "\(upkeep.duration.secondsText)",
            ],
        )
    }

    private func recordFed(_ batch: Feed.Batch, _ duration: Duration) {
        recordRecovery(\.feedFailure, "feed recovered")
        let isFirstRun = state.withLock { !$0.hasCaughtUp }
        logger.log(
            level: isFirstRun && batch.hasMore && isDue(\.lastProgress) ? .info : .debug,
            "fed",
            metadata: [
                "feed.rows": "\(batch.rows)", "feed.totalRows": "\(batch.totalRows)", "feed.lastID": "\(batch.lastID)",
                "feed.newestID": "\(batch.newestID ?? 0)", "feed.seconds": "\(duration.secondsText)",
            ],
        )
    }

    private func recordRefreshed(_ refresh: PipelineObservation.Refresh) {
        recordRecovery(\.refreshFailure, "refresh recovered")
        logger.debug(
            "refreshed",
            metadata: [
                "generation.number": "\(refresh.generation.number)", "generation.documents": "\(refresh.documents)",
                "refresh.load": "\(refresh.load.secondsText)", "refresh.render": "\(refresh.render.secondsText)",
            ],
        )
    }

    private func recordPublished(_ outcome: PublishOutcome, _ duration: Duration) {
        recordRecovery(\.publishFailure, "publishing to redis recovered")
        let wasSuperseded = state.withLock { state in
            defer { if case .superseded = outcome { state.superseded = true } else { state.superseded = false } }
            return state.superseded
        }
        switch outcome {
        case .superseded(let number) where !wasSuperseded:
            logger.notice(
                "redis holds a newer generation of another daemon",
                metadata: ["generation.newer": "\(number)"],
            )
        default:
            logger.debug("published", metadata: ["publish.seconds": "\(duration.secondsText)"])
        }
    }

    private func recordRelay(_ observation: PipelineObservation) {
        switch observation {
        case .relayed(let progress):
            recordRecovery(\.relayFailure, "relay of alerts recovered")
            logger.debug(
                "alerts relayed",
                metadata: [
                    "alerts.events": "\(progress.events)", "alerts.lastSequence": "\(progress.lastSequence)",
                    "alerts.pending": "\(progress.pending)", "alerts.lag": "\(progress.lag.secondsText)",
                ],
            )
        case .relayIdle: recordRecovery(\.relayFailure, "relay of alerts recovered")
        case .relayFailed(let error, _): recordFailure(\.relayFailure, "alerts cannot be relayed", error)
        case .relayRewound(let from, let to):
            logger.notice(
                KnownMessage.alertsLost.text,
                metadata: ["alerts.from": "\(from)", "alerts.to": "\(to)"],
            )
        case .relayRenumbered(let from, let to):
            logger.warning(
                "redis has alerts that postgres does not know any more, numbers go on after them",
                metadata: ["alerts.from": "\(from)", "alerts.to": "\(to)"],
            )
        default: break
        }
    }

    private func recordDetected(_ outcome: DetectionOutcome) {
        let published = outcome.alerts.filter { $0.event != nil }
        for change in published.prefix(Self.mostLines) {
            let (episode, finding) = (change.episode, change.episode.finding)
            logger.notice(
                (change.event == .resolved ? KnownMessage.alertResolved : .alert).text,
                metadata: [
                    "alert.type": "\(finding.alertType)", "alert.subject": "\(finding.subject.title)",
                    "alert.severity": "\(episode.severity.rawValue)", "alert.reason": "\(finding.reason)",
                    "alert.occurrence": "\(episode.occurrenceID)",
                ],
            )
        }
        let others = published.count - Self.mostLines
        if others > 0 { logger.notice("more alerts", metadata: ["alerts.events": "\(others)"]) }
        for failure in outcome.failures {
            logger.error(
                KnownMessage.detectorFailed.text,
                metadata: ["detector": "\(failure.detector)", "error": "\(failure.reason)"],
            )
        }
    }

    private func recordDrift(_ drifted: [Drift]) {
        for drift in drifted.prefix(Self.mostLines) {
            logger.warning(
                KnownMessage.drifted.text,
                metadata: [
                    "drift.hour": "\(drift.hour)", "drift.cause": "\(drift.cause.rawValue)",
                    "drift.before": "\(drift.before)", "drift.after": "\(drift.after)",
                ],
            )
        }
        let others = drifted.count - Self.mostLines
        if others > 0 { logger.warning("more facts had drifted", metadata: ["drift.hours": "\(others)"]) }
    }

    /// The same failure is one line, however often it is tried again.
    private func recordFailure(
        _ failure: WritableKeyPath<State, String?>,
        _ message: Logger.Message,
        _ error: any Error,
        level: Logger.Level = .error,
    ) {
        let text = "\(error)"
        let isNew = state.withLock { state in
            defer { state[keyPath: failure] = text }
            return state[keyPath: failure] != text
        }
        logger.log(level: isNew ? level : .debug, message, metadata: ["error": "\(text)"])
    }

    private func recordRecovery(_ failure: WritableKeyPath<State, String?>, _ message: Logger.Message) {
        let hadFailed = state.withLock { state in
            defer { state[keyPath: failure] = nil }
            return state[keyPath: failure] != nil
        }
        if hadFailed { logger.notice(message) }
    }
}

extension Duration {
    /// Seconds as a number with a fraction.
    package var seconds: Double { self / .seconds(1) }

    /// Seconds with three decimals.
    package var secondsText: String {
        let milliseconds = Int64((seconds * 1000).rounded())
        let fraction = "\(1000 + milliseconds % 1000)".dropFirst()
        return "\(milliseconds / 1000).\(fraction)"
    }
}
