import PostgresClient
import Testing

@testable import Scheduling

/// A fresh database and daemons' views of its ledger.
struct LedgerFixture: Sendable {
    let database: ScheduledDatabase

    /// Hands out a fixture; what it connected is closed afterwards.
    static func use(_ body: (LedgerFixture) async throws -> Void) async throws {
        let fixture = LedgerFixture(database: try await ScheduledDatabase())
        do {
            try await body(fixture)
            await fixture.database.client.close(grace: .zero)
        } catch {
            await fixture.database.client.close(grace: .zero)
            throw error
        }
    }

    /// A daemon's ledger; its connections are shared unless it brings its own.
    func ledger(_ owner: String = "one", _ client: PostgresClient? = nil) -> JobLedger {
        JobLedger(postgres: client ?? database.client, sql: database.sql, clock: ServerClock(), owner: owner)
    }

    /// The scheduler's time on the server.
    func now() async throws -> PostgresTimestamp {
        try await database.client.query("SELECT activity.scheduler_now()").value(0, 0)
    }

    /// Makes a job known as if its last slot had been decided some time ago, at a whole minute; returns when.
    @discardableResult
    func register(_ job: Job, ago: Duration = .seconds(3600)) async throws -> PostgresTimestamp {
        _ = try await ledger().register([job], changed: [job.name])
        return try await database.client.query(
            """
            UPDATE activity.job_state
            SET watermark = date_trunc('minute', activity.scheduler_now() - $2 * interval '1 second')
            WHERE job = $1 RETURNING watermark
            """,
            [.text(job.name), .double(ago / .seconds(1))],
        ).value(0, 0)
    }

    /// Where a job stands.
    func progress(of job: Job) async throws -> JobProgress {
        try #require(try await ledger().register([job], changed: []).progress[job.name])
    }

    /// Registers a job and has one of its slots claimed.
    func claim(_ job: Job, by owner: String = "one", ago: Duration = .seconds(3600)) async throws -> Claim {
        let watermark = try await register(job, ago: ago)
        let answer = try await ledger(owner).decide([.run(job, after: watermark)])
        return try #require(answer.claims.first)
    }

    /// What a query answers as texts: its columns with a blank between, NULL left out.
    func lines(_ columns: String, _ rest: String) async throws -> [String] {
        try await database.client.query("SELECT concat_ws(' ', \(columns)) \(rest)").map { try $0.value(0) }
    }

    func execute(_ script: String) async throws { try await database.execute(script) }

    /// One row of history as text: the columns given, with a blank between.
    func run(_ id: Int64, _ columns: String = "status, trigger, reason") async throws -> String {
        try #require(try await lines(columns, "FROM activity.job_run WHERE id = \(id)").first)
    }
}

extension Decisions {
    /// To run the slot a minute after the watermark.
    static func run(_ job: Job, after watermark: PostgresTimestamp, by step: Duration = .seconds(60)) -> Decisions {
        Decisions(job: job, after: watermark, until: watermark + step, slots: [Slot(watermark + step, .run)])
    }

    /// What a timetable decides about a job at a time.
    static func all(_ job: Job, _ progress: JobProgress, at now: PostgresTimestamp) -> [Decisions] {
        Timetable(job, progress).decisions(at: now)
    }
}

extension Completion {
    /// The end of a run at a time.
    init(
        _ claim: Claim,
        _ status: RunOutcome.Status,
        reason: String? = nil,
        at time: PostgresTimestamp,
        pause: Duration = .zero,
    ) {
        self.init(
            claim: claim,
            outcome: RunOutcome(status, reason: reason),
            startedAt: time - .seconds(1),
            finishedAt: time,
            processID: 4711,
            pause: pause,
        )
    }
}
