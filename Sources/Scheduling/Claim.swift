import PostgresClient

/// A run that this daemon has to do.
struct Claim: Sendable, Hashable {
    /// The row of `job_run`.
    var id: Int64
    var job: String
    var nominalAt: PostgresTimestamp
    var trigger: Slot.Trigger
    /// Counted from one.
    var attempt: Int32
}

/// How a run ended, for its row.
struct Completion: Sendable {
    var claim: Claim
    var outcome: RunOutcome
    /// When the action began; nil when it did not come to that.
    var startedAt: PostgresTimestamp?
    var finishedAt: PostgresTimestamp
    /// The server's process that ran the command.
    var processID: Int32?
    /// Before the next attempt, should there be one.
    var pause: Duration
}
