import Cron
package import PostgresClient

/// Which slots are due, and what is to happen to them: the scheduler without clock and database.
///
/// A slot is due when it lies after its job's watermark. The next one is computed from the nominal time before it and
/// never from the time of day, so nothing drifts.
package struct Timetable: Sendable {
    private var entries: [String: TimetableEntry] = [:]

    /// An empty timetable.
    package init() {}

    /// How many jobs there are.
    package var count: Int { entries.count }

    /// The job of that name.
    package func job(_ name: String) -> Job? { entries[name]?.job }

    /// Replaces a job and what is known of it.
    package mutating func set(_ job: Job, _ progress: JobProgress) {
        entries[job.name] = TimetableEntry(job, progress)
    }

    /// Forgets a job.
    package mutating func remove(_ name: String) {
        entries[name] = nil
    }

    /// Takes note that every slot of a job up to `watermark` has been decided.
    package mutating func move(_ name: String, to watermark: PostgresTimestamp) {
        entries[name]?.move(to: watermark)
    }

    /// When the next slot is due; nil when none ever will be.
    package var nextDue: PostgresTimestamp? {
        entries.values.lazy.compactMap(\.nextDue).min()
    }

    /// The next slot that a person may wait for: of a job that runs by the calendar, or else of any other. Those that run
    /// every few seconds always come next.
    package var next: PlannedSlot? {
        let planned = entries.values.compactMap { entry in
            entry.isPaused ? nil : entry.nextDue.map { (entry.job, PlannedSlot(job: entry.job.name, at: $0)) }
        }
        let calendar = planned.filter { $0.0.schedule.interval == nil }
        return (calendar.isEmpty ? planned : calendar).map(\.1).min { ($0.at, $0.job) < ($1.at, $1.job) }
    }

    /// The commands whose next slots are due before a time.
    package func commands(dueBefore time: PostgresTimestamp) -> [JobCommand] {
        entries.values.compactMap { entry in
            guard let due = entry.nextDue, due < time, case .command(let command) = entry.job.action,
                !entry.isPaused
            else { return nil }
            return command
        }
    }

    /// Decides all slots that are due at a time.
    package func decisions(at now: PostgresTimestamp) -> [Decisions] {
        entries.values
            .filter { $0.nextDue.map { $0 <= now } ?? false }
            .sorted { ($0.nextDue ?? now, $0.job.name) < ($1.nextDue ?? now, $1.job.name) }
            .compactMap { $0.decisions(at: now) }
    }
}

/// How far a job has come, as PostgreSQL knows it.
package struct JobProgress: Sendable, Hashable {
    /// Every slot up to here has been decided.
    package var watermark: PostgresTimestamp
    /// Slots after this are not run; nil when it was never paused.
    package var pausedAt: PostgresTimestamp?
    /// Slots after this are run again; nil while it is paused.
    package var resumedAt: PostgresTimestamp?
    /// When PostgreSQL started: the nominal time of `@reboot`.
    package var serverStartedAt: PostgresTimestamp

    /// Progress from its parts.
    package init(
        watermark: PostgresTimestamp,
        pausedAt: PostgresTimestamp? = nil,
        resumedAt: PostgresTimestamp? = nil,
        serverStartedAt: PostgresTimestamp = .negativeInfinity,
    ) {
        self.watermark = watermark
        self.pausedAt = pausedAt
        self.resumedAt = resumedAt
        self.serverStartedAt = serverStartedAt
    }
}
