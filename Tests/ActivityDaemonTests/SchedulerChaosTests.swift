import Cron
import Foundation
import PostgresClient
import TestServers
import Testing

/// Three daemons and two hundred jobs on a server that is restarted and whose clock is set, while daemons are killed.
struct SchedulerChaosTests {
    private static let jobs = 200
    private static let schema = """
        CREATE TABLE directus_activity (
            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50), user_agent text,
            collection varchar(64) NOT NULL, item varchar(255) NOT NULL, origin varchar(255)
        );
        CREATE TABLE ran (job int);
        """

    /// Jobs of 5 to 14 seconds; each leaves a row.
    private static let schedule = """
        SELECT cron.schedule('job ' || n, 5 + n % 10 || ' seconds', 'INSERT INTO ran VALUES (' || n || ')')
        FROM generate_series(1, \(jobs)) AS n ORDER BY n
        """

    private struct Setting {
        let server: PostgresServer
        let redis: RedisServer

        var client: PostgresClient {
            PostgresClient(PostgresConfiguration(connectionString: server.connectionString()))
        }

        func execute(_ script: String) async throws {
            let client = client
            _ = try await client.withConnection { try await $0.execute(script: script) }
            await client.close()
        }

        func number(_ statement: String) async throws -> Int64 {
            let client = client
            let number: Int64 = try await client.query("SELECT (\(statement))::bigint").value(0, 0)
            await client.close()
            return number
        }

        /// Waits until so many more runs have succeeded.
        func progress(_ what: String, runs: Int64 = 40) async throws {
            let before = try await number("SELECT count(*) FROM ran")
            try await eventually(what, within: .seconds(90)) {
                try await number("SELECT count(*) FROM ran") >= before + runs
            }
        }
    }

    @Test func decidesEverySlotOnceWhateverHappens() async throws {
        let setting = Setting(
            server: try await PostgresServer.start(hasOwnClock: true),
            redis: try await RedisServer.start(),
        )
        try await setting.execute(Self.schema)
        func start() throws -> DaemonProcess {
            try DaemonProcess(
                database: setting.server.connectionString(),
                redis: setting.redis.url,
                settings: ["jobs.ingest.schedule=5 seconds"],
            )
        }
        var daemons = try [start(), start(), start()]
        try await daemons[0].waitUntilReady()
        try await eventually("the schema is there") {
            try await setting.number("SELECT count(*) FROM pg_proc WHERE proname = 'set_policy'") > 0
        }
        try await setting.execute(Self.schedule)
        try await setting.progress("jobs run")
        for round in 0..<6 {
            let victim = Int.random(in: 0..<3)
            await daemons[victim].kill9()
            switch round {
            case 1: try setting.server.setClock(.seconds(3600))
            case 2:
                try await setting.server.stop(mode: .immediate)
                try await setting.server.startAgain()
            case 3: try setting.server.setClock(.zero)
            case 4: try await setting.server.stop(); try await setting.server.startAgain()
            case 5: try setting.server.setClock(.seconds(-3600))
            default: break
            }
            try await setting.progress("the others go on in round \(round)")
            daemons[victim] = try start()
            try await setting.progress("all go on after round \(round)")
        }
        for daemon in daemons { #expect(await daemon.terminate() == 0) }
        try await check(setting)
        await setting.redis.stop()
        try await setting.server.remove()
    }

    private func check(_ setting: Setting) async throws {
        // What a killed daemon had under way was ended by another, or is ended by the next one to start.
        let last = try DaemonProcess(database: setting.server.connectionString(), redis: setting.redis.url)
        try await last.waitUntilReady()
        try await eventually("nothing is left under way") {
            try await setting.number(
                """
                SELECT count(*) FROM activity.job_run
                WHERE status IN ('claimed', 'running') AND claimed_at < activity.scheduler_now() - interval '10 seconds'
                """
            ) == 0
        }
        #expect(await last.terminate() == 0)
        // A row for each nominal time, without holes and without doubles, in each era.
        let holes = try await setting.number(
            """
            SELECT count(*) FROM (
                SELECT r.nominal_at - lag(r.last_nominal_at) OVER (PARTITION BY r.job, r.era ORDER BY r.nominal_at) AS gap,
                    (5 + j.n % 10) * interval '1 second' AS period
                FROM activity.job_run AS r
                JOIN (SELECT 'cron:' || jobid AS job, substr(jobname, 5)::int AS n FROM cron.job) AS j USING (job)
            ) AS gaps WHERE gap <> period
            """
        )
        #expect(holes == 0)
        // Every row ran to an end, or says why not.
        let unexplained = try await setting.number(
            """
            SELECT count(*) FROM activity.job_run
            WHERE job LIKE 'cron:%' AND status NOT IN ('succeeded', 'claimed', 'running') AND reason IS NULL
            """
        )
        #expect(unexplained == 0)
        // Nothing was done that is not in the history, and nothing twice.
        let miscounted = try await setting.number(
            """
            SELECT count(*) FROM (
                SELECT j.n, count(*) FILTER (WHERE r.status = 'succeeded') AS succeeded, sum(r.attempt) AS attempts
                FROM activity.job_run AS r
                JOIN (SELECT 'cron:' || jobid AS job, substr(jobname, 5)::int AS n FROM cron.job) AS j USING (job)
                GROUP BY j.n
            ) AS told JOIN (SELECT job AS n, count(*) AS done FROM ran GROUP BY job) AS ran USING (n)
            WHERE done NOT BETWEEN succeeded AND attempts
            """
        )
        #expect(miscounted == 0)
        #expect(try await setting.number("SELECT era FROM activity.scheduler_clock") == 3)
        let statuses = try await setting.client.query(
            "SELECT status || ': ' || count(*) FROM activity.job_run WHERE job LIKE 'cron:%' GROUP BY status ORDER BY 1"
        ).map { try $0.value(0, as: String.self) }
        #expect(statuses.contains { $0.hasPrefix("succeeded") }, "\(statuses)")
    }
}
