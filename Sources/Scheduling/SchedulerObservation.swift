package import PostgresClient

/// What happens in the scheduler, for logs, health and metrics.
package enum SchedulerObservation: Sendable {
    /// Jobs were loaded; so many are in the timetable.
    case loaded(jobs: Int)
    /// Another slot is the next that a person waits for; nil when none is planned.
    case planned(next: PlannedSlot?)
    /// What was found in place of our own `cron` schema; said once.
    case cronSchemaLeftAlone(reason: String)
    /// A row of `cron.job` that cannot be run; said once for each reason.
    case refusedJob(String, reason: String)
    /// Another daemon runs this job by another schedule; its decisions count.
    case foreignDefinition(String)
    /// Slots that will not run.
    case slots(job: String, status: Slot.Decision, reason: String?, count: Int)
    /// A run ended.
    case finished(Run)
    /// A run was taken over by another daemon, because this one gave no sign of life.
    case lost(job: String)
    /// The daemon of a run gave no more signs of life, and its run was ended.
    case expired(job: String, owner: String)
    /// The server's clock jumped.
    case clockStepped(Duration)
    /// PostgreSQL could not be asked; the scheduler tries again.
    case interrupted(any Error, retryAfter: Duration)

    /// A run that has ended.
    package struct Run: Sendable {
        /// The job's name.
        package var job: String
        /// Its slot.
        package var nominalAt: PostgresTimestamp
        /// Why it ran.
        package var trigger: Slot.Trigger
        /// Counted from one.
        package var attempt: Int
        /// How it ended.
        package var outcome: RunOutcome
        /// From the time it was due to its start; nil when it did not start, or was not due at a time.
        package var lateness: Duration?
        /// From start to end; nil when it did not start.
        package var duration: Duration?
        /// Whether it will be tried again.
        package var isRetried: Bool
    }
}
