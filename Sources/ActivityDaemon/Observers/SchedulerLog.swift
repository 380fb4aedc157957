import Activity
package import Logging
import PostgresClient
package import Scheduling
import Synchronization

/// Makes log lines of what happens in the scheduler: one for each run that failed or was late, and for what is wrong.
package final class SchedulerLog: Sendable {
    private let logger: Logger
    private let interruption = Mutex<String?>(nil)
    /// Why each job failed last, for those that have not succeeded since.
    private let failures = Mutex<[String: String]>([:])

    /// A run that starts later than this after its time is late.
    private static let tolerance = Duration.seconds(1)

    /// A log that writes to a logger.
    package init(_ logger: Logger) {
        self.logger = logger
    }

    /// Writes what is worth a line.
    package func record(_ observation: SchedulerObservation) {
        switch observation {
        case .loaded(let jobs): recordLoaded(jobs)
        case .planned: break
        case .cronSchemaLeftAlone(let reason):
            logger.notice("schema cron is left alone", metadata: ["reason": "\(reason)"])
        case .refusedJob(let job, let reason):
            logger.warning("job refused", metadata: ["job.name": "\(job)", "reason": "\(reason)"])
        case .foreignDefinition(let job):
            logger.warning("another daemon runs this job by another schedule", metadata: ["job.name": "\(job)"])
        case .slots(let job, let status, let reason, let count): recordSlots(job, status, reason, count)
        case .finished(let run): record(run)
        case .lost(let job): logger.warning(KnownMessage.runTakenOver.text, metadata: ["job.name": "\(job)"])
        case .expired(let job, let owner):
            logger.warning(
                KnownMessage.runExpired.text,
                metadata: ["job.name": "\(job)", "job.owner": "\(owner)"],
            )
        case .clockStepped(let step):
            logger.notice(KnownMessage.clockSet.text, metadata: ["clock.step": "\(step.secondsText)"])
        case .interrupted(let error, let pause): recordInterruption(error, pause)
        }
    }

    private func recordLoaded(_ jobs: Int) {
        let hadFailed = interruption.withLock { text in
            defer { text = nil }
            return text != nil
        }
        if hadFailed { logger.notice("scheduler recovered") }
        logger.debug("jobs loaded", metadata: ["jobs.count": "\(jobs)"])
    }

    private func recordSlots(_ job: String, _ status: Slot.Decision, _ reason: String?, _ count: Int) {
        logger.log(
            level: status == .missed ? .info : .debug,
            status == .missed ? KnownMessage.slotsMissed.text : "slots skipped",
            metadata: ["job.name": "\(job)", "job.slots": "\(count)", "reason": "\(reason ?? "")"],
        )
    }

    /// The end of a run: worth a line for everybody only when it failed or was late. The same failure is one line,
    /// however often it happens, and so is its end.
    private func record(_ run: SchedulerObservation.Run) {
        let (isNewFailure, hasRecovered) = noteFailure(run)
        let isLate = run.lateness ?? .zero > Self.tolerance
        var metadata: Logger.Metadata = [
            "job.name": "\(run.job)", "job.nominalAt": "\(Timestamp(microseconds: run.nominalAt.microseconds))",
            "job.trigger": "\(run.trigger.rawValue)", "job.status": "\(run.outcome.status.rawValue)",
            "job.attempt": "\(run.attempt)",
        ]
        if let reason = run.outcome.reason { metadata["reason"] = "\(reason)" }
        if let lateness = run.lateness { metadata["job.lateness"] = "\(lateness.secondsText)" }
        if let duration = run.duration { metadata["job.seconds"] = "\(duration.secondsText)" }
        if run.isRetried { metadata["job.retried"] = "true" }
        let hasFailed = run.outcome.status == .failed
        let message: Logger.Message =
            hasFailed
            ? KnownMessage.jobFailed.text
            : hasRecovered ? KnownMessage.jobRecovered.text : isLate ? "job was late" : "job ended"
        logger.log(
            level: isNewFailure ? .warning : hasRecovered || isLate ? .info : .debug,
            message,
            metadata: metadata,
        )
    }

    private func noteFailure(_ run: SchedulerObservation.Run) -> (isNew: Bool, hasRecovered: Bool) {
        failures.withLock { failures in
            switch run.outcome.status {
            case .failed:
                let reason = run.outcome.result ?? run.outcome.reason ?? ""
                return (failures.updateValue(reason, forKey: run.job) != reason, false)
            case .succeeded:
                return (false, failures.removeValue(forKey: run.job) != nil)
            case .canceled, .skipped:
                return (false, false)
            }
        }
    }

    /// The same failure is one line, however often it is tried again.
    private func recordInterruption(_ error: any Error, _ pause: Duration) {
        let text = "\(error)"
        let isNew = interruption.withLock { last in
            defer { last = text }
            return last != text
        }
        logger.log(
            level: isNew ? .error : .debug,
            "scheduler interrupted",
            metadata: ["error": "\(text)", "retry.seconds": "\(pause.secondsText)"],
        )
    }
}
