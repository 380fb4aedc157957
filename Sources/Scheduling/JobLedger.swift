import ActivitySQL
import Cron
import PostgresClient

/// The tables in which slots are decided and runs recorded; `sql/migrations/0002_jobs.sql` has the functions.
///
/// Every answer carries the server's time, which `clock` takes note of.
struct JobLedger: Sendable {
    let postgres: PostgresClient
    let sql: ActivitySQL
    let clock: ServerClock
    /// This daemon, unlike every other and every earlier one.
    let owner: String

    /// An answer takes so long at most.
    private static let timeout = Duration.seconds(10)

    /// Where the ledger stands.
    struct Position: Sendable {
        var era: Int32
        /// How far the estimate of the server's clock was off.
        var clockCorrection: Duration
    }

    /// What became of slots.
    struct Answer: Sendable {
        var position: Position
        var jobs: [JobAnswer] = []
        var claims: [Claim] = []
    }

    /// What became of one job's slots.
    struct JobAnswer: Sendable {
        var job: String
        /// Nil for a job that is not registered.
        var watermark: PostgresTimestamp?
        /// Whether the definition is still the one that decides.
        var isCurrent: Bool
        /// Whether these decisions counted, and not those of another daemon.
        var hasMoved: Bool
    }

    /// Makes jobs known and asks how far each has come.
    ///
    /// - Parameters:
    ///   - jobs: all jobs.
    ///   - changed: those whose definition wins over one that another daemon registered.
    /// - Returns: progress by name for the jobs whose definition is the one that decides.
    /// - Throws: `PostgresError`.
    func register(
        _ jobs: [Job],
        changed: Set<String>,
    ) async throws -> (position: Position?, progress: [String: JobProgress]) {
        let asked = ContinuousClock.now
        let answer = try await postgres.query(
            sql("SELECT * FROM :\"schema\".register_jobs($1, $2, $3, $4)"),
            [
                .textArray(jobs.map(\.name)), .textArray(jobs.map(\.definition)), .boolArray(jobs.map(\.isActive)),
                .boolArray(jobs.map { changed.contains($0.name) }),
            ],
            timeout: Self.timeout,
        )
        guard answer.rowCount > 0 else { return (nil, [:]) }
        let position = try position(answer.value(0, 6), answer.value(0, 5), askedAt: asked)
        var progress: [String: JobProgress] = [:]
        for row in 0..<answer.rowCount where try answer.value(row, 4, as: Bool.self) {
            progress[try answer.value(row, 0)] = JobProgress(
                watermark: try answer.value(row, 1),
                pausedAt: try answer.value(row, 2),
                resumedAt: try answer.value(row, 3),
                serverStartedAt: try answer.value(row, 7),
            )
        }
        return (position, progress)
    }

    /// Offers decisions; those of the first daemon count.
    func decide(_ decisions: [Decisions]) async throws -> Answer {
        let slots = decisions.flatMap { decision in decision.slots.map { (decision.job.name, $0) } }
        let asked = ContinuousClock.now
        let answer = try await postgres.query(
            sql(
                """
                SELECT * FROM :"schema".claim_runs(
                    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::bigint[], $13, $14, $15)
                """
            ),
            [.text(owner)] + Self.parameters(decisions) + Self.parameters(slots),
            timeout: Self.timeout,
        )
        let position = try position(answer.value(0, 5), answer.value(0, 4), askedAt: asked)
        return Answer(
            position: position,
            jobs: try answer.map { row in
                JobAnswer(
                    job: try row.value(0),
                    watermark: try row.value(1),
                    isCurrent: try row.value(2),
                    hasMoved: try row.value(3),
                )
            },
            claims: try (0..<answer.rowCount).compactMap { row in
                guard let id: Int64? = try answer.value(row, 6), let id else { return nil }
                return Claim(
                    id: id,
                    job: try answer.value(row, 0),
                    nominalAt: try answer.value(row, 7),
                    trigger: try trigger(answer.value(row, 8)),
                    attempt: try answer.value(row, 9),
                )
            },
        )
    }

    /// Takes over what waits and may start.
    func startQueued() async throws -> [Claim] {
        try await postgres.query(
            sql("SELECT id, job, nominal_at, trigger, attempt FROM :\"schema\".start_queued($1)"),
            [.text(owner)],
            timeout: Self.timeout,
        ).map { row in
            Claim(
                id: try row.value(0),
                job: try row.value(1),
                nominalAt: try row.value(2),
                trigger: try trigger(row.value(3)),
                attempt: try row.value(4),
            )
        }
    }

    /// Takes note of the server's time.
    func position(_ era: Int32, _ time: PostgresTimestamp, askedAt: ServerClock.Instant) -> Position {
        Position(era: era, clockCorrection: clock.record(time, askedAt: askedAt, answeredAt: .now))
    }

    private func trigger(_ text: String) throws(PostgresError) -> Slot.Trigger {
        guard let trigger = Slot.Trigger(rawValue: text) else {
            throw PostgresError(.decodingFailed, "job_run has a trigger that this program does not know")
        }
        return trigger
    }

    private static func parameters(_ decisions: [Decisions]) -> [PostgresParameter] {
        [
            .textArray(decisions.map(\.job.name)),
            .textArray(decisions.map(\.job.definition)),
            .timestampArray(decisions.map(\.after.microseconds)),
            .timestampArray(decisions.map(\.until.microseconds)),
            .textArray(decisions.map(\.job.policy.overlap.rawValue)),
            .int4Array(decisions.map { Int32(clamping: $0.job.policy.retries) }),
            .boolArray(decisions.map(\.job.schedule.runsInRepeatedHour)),
        ]
    }

    private static func parameters(_ slots: [(job: String, slot: Slot)]) -> [PostgresParameter] {
        [
            .textArray(slots.map(\.job)),
            .timestampArray(slots.map(\.slot.nominalAt.microseconds)),
            .timestampArray(slots.map(\.slot.lastNominalAt.microseconds)),
            .optionalTextArray(slots.map { $0.slot.count.map(String.init) }),
            .textArray(slots.map(\.slot.trigger.rawValue)),
            .textArray(slots.map(\.slot.decision.rawValue)),
            .optionalTextArray(slots.map(\.slot.reason)),
        ]
    }
}
