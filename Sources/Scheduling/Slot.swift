package import PostgresClient

/// What a scheduler decided about one nominal time, or about several in a row.
package struct Slot: Sendable, Hashable {
    /// What is to happen.
    package enum Decision: String, Sendable, Hashable {
        /// It runs now, if the overlap policy lets it.
        case run
        /// It waits its turn.
        case queue
        /// It will never run: nobody was there in time.
        case missed
        /// It will never run: somebody wanted that.
        case skipped
    }

    /// Why a run takes place.
    package enum Trigger: String, Sendable, Hashable {
        /// Its time has come.
        case schedule
        /// Its time came while nobody was there.
        case catchUp = "catch-up"
        /// Somebody asked for it.
        case manual
    }

    /// The first nominal time.
    package var nominalAt: PostgresTimestamp
    /// The last; the same for a single slot.
    package var lastNominalAt: PostgresTimestamp
    /// How many; nil when they were too many to count.
    package var count: Int?
    /// What is to happen.
    package var decision: Decision
    /// Why it would run.
    package var trigger = Trigger.schedule
    /// Why it does not run.
    package var reason: String?

    /// A single slot.
    init(_ nominalAt: PostgresTimestamp, _ decision: Decision, _ trigger: Trigger = .schedule, reason: String? = nil) {
        self.nominalAt = nominalAt
        lastNominalAt = nominalAt
        count = 1
        self.decision = decision
        self.trigger = trigger
        self.reason = reason
    }

    /// Several in a row that share one row of history.
    init(_ span: SlotSpan, _ decision: Decision, reason: String) {
        nominalAt = span.first
        lastNominalAt = span.last
        count = span.count
        self.decision = decision
        self.reason = reason
    }
}

/// Nominal times in a row.
struct SlotSpan: Sendable, Hashable {
    var first: PostgresTimestamp
    var last: PostgresTimestamp
    /// Nil when they were too many to count.
    var count: Int?

    /// The slots of a span.
    init(first: PostgresTimestamp, last: PostgresTimestamp, count: Int?) {
        (self.first, self.last, self.count) = (first, last, count)
    }

    /// A single slot.
    init(_ slot: PostgresTimestamp) {
        self.init(first: slot, last: slot, count: 1)
    }

    /// With the slot that follows.
    func extended(to slot: PostgresTimestamp) -> SlotSpan {
        SlotSpan(first: first, last: slot, count: count.map { $0 + 1 })
    }
}

/// All slots of a job that became due, and what was decided about them.
package struct Decisions: Sendable {
    /// The job.
    package let job: Job
    /// The watermark that the decisions start from.
    package let after: PostgresTimestamp
    /// The last slot covered.
    package let until: PostgresTimestamp
    /// One for each row of history.
    package let slots: [Slot]
}

/// Why slots did not run, as in `job_run.reason`.
enum SlotReason {
    static let paused = "paused"
    static let late = "the scheduler was late"
    static let absent = "no scheduler was running"
}
