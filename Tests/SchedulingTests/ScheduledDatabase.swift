import ActivitySQL
import Cron
import Pipeline
import PostgresClient
import Scheduling
import Synchronization
import TestServers

/// A fresh database with the daemon's schema, whose clock can be stepped.
struct ScheduledDatabase: Sendable {
    let sql = ActivitySQL()
    let server: PostgresServer
    let name: String
    let client: PostgresClient
    let configuration: PostgresConfiguration

    init(_ server: PostgresServer? = nil, withCron: Bool = false) async throws {
        if let server { self.server = server } else { self.server = try await PostgresServer.shared }
        name = try await self.server.createDatabase()
        configuration = PostgresConfiguration(connectionString: self.server.connectionString(database: name))
        client = PostgresClient(configuration)
        try await client.withConnection { connection in
            _ = try await Migrator(sql.ownSchema).migrate(connection)
            if withCron { _ = try await Migrator(sql.cronSchema).migrate(connection) }
        }
    }

    func execute(_ script: String) async throws {
        try await client.withConnection { _ = try await $0.execute(script: script) }
    }

    /// Sets the scheduler's clock forward or back, from where it really is.
    func stepClock(by step: Duration) async throws {
        try await execute(
            """
            CREATE OR REPLACE FUNCTION activity.scheduler_now() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS $$ SELECT pg_catalog.clock_timestamp() + interval '\(step.components.seconds) seconds' $$
            """
        )
    }

    func settings(
        _ jobs: [Job] = [],
        roleSwitch: JobSessions.RoleSwitch = .member,
        concurrency: Int = 16,
    ) -> Scheduler.Settings {
        Scheduler.Settings(
            postgres: configuration,
            sql: sql,
            builtIn: { jobs },
            concurrency: concurrency,
            roleSwitch: roleSwitch,
        )
    }

    func number(_ statement: String) async throws -> Int {
        Int(try await client.query("SELECT (\(statement))::bigint").value(0, 0, as: Int64.self))
    }

    /// The history of a job: status, trigger and reason of each row.
    func history(of job: String) async throws -> [String] {
        try await client.query(
            """
            SELECT concat_ws(' ', status, trigger, reason) FROM activity.job_run WHERE job = $1
            ORDER BY era, nominal_at
            """,
            [.text(job)],
        ).map { try $0.value(0) }
    }
}

/// Collects what a scheduler says.
final class Observations: Sendable {
    private let all = Mutex<[SchedulerObservation]>([])

    @Sendable func record(_ observation: SchedulerObservation) {
        all.withLock { $0.append(observation) }
    }

    var finished: [SchedulerObservation.Run] {
        all.withLock { all in
            all.compactMap { if case .finished(let run) = $0 { run } else { nil } }
        }
    }

    var descriptions: [String] { all.withLock { $0.map { "\($0)" } } }
}

/// Runs a scheduler while `body` lasts, and ends it as the daemon would when it is cancelled.
func withScheduler<Result: Sendable>(
    _ settings: Scheduler.Settings,
    _ observations: Observations = Observations(),
    _ body: @escaping @Sendable (Scheduler, Observations) async throws -> Result,
) async throws -> Result {
    let scheduler = Scheduler(settings, observe: observations.record)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await scheduler.run() }
        defer { group.cancelAll() }
        return try await body(scheduler, observations)
    }
}
