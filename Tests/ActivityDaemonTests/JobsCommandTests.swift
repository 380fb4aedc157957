import Foundation
import PostgresClient
import TestServers
import Testing

/// `activityd jobs …` beside a daemon that runs, and `activityd import-pg-cron` beside the extension.
struct JobsCommandTests {
    private static let table = """
        CREATE TABLE directus_activity (
            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50),
            collection varchar(64) NOT NULL, item varchar(255) NOT NULL
        );
        """

    /// A daemon with three jobs of people, and a way to run commands beside it.
    private struct Setting {
        let database: String
        let daemon: DaemonProcess

        init() async throws {
            let server = try await PostgresServer.shared
            database = server.connectionString(database: try await server.createDatabase())
            try await Self.execute(JobsCommandTests.table, database)
            daemon = try DaemonProcess(database: database, redis: try await RedisServer.shared.url)
            try await daemon.waitUntilReady()
            try await Self.execute(
                """
                SELECT cron.schedule('good', '0 0 1 1 *', 'SELECT generate_series(1, 3)');
                SELECT cron.schedule('bad', '0 0 1 1 *', 'SELECT 1 / 0');
                SELECT cron.schedule('long', '0 0 1 1 *', 'SELECT pg_sleep(600)');
                """,
                database,
            )
        }

        static func execute(_ script: String, _ database: String) async throws {
            let client = PostgresClient(PostgresConfiguration(connectionString: database))
            _ = try await client.withConnection { try await $0.execute(script: script) }
            await client.close()
        }

        func jobs(_ arguments: String...) async throws -> ProgramRun {
            try await ProgramRun(["jobs"] + arguments + ["--set", "database.url=\(database)"])
        }

        func json(_ arguments: String...) async throws -> Any {
            let run = try await ProgramRun(["jobs"] + arguments + ["--json", "--set", "database.url=\(database)"])
            return try JSONSerialization.jsonObject(with: Data(run.output.utf8))
        }
    }

    @Test func runsAJobAndEndsWithItsResult() async throws {
        let setting = try await Setting()
        let good = try await setting.jobs("run", "good")
        #expect(good.code == 0)
        #expect(good.output.contains("succeeded in ") && good.output.contains("3 rows"))
        let bad = try await setting.jobs("run", "cron:2")
        #expect(bad.code == 1)
        #expect(bad.output.contains("ERROR:  division by zero"))
        let reconcile = try await setting.jobs("run", "reconcile")
        #expect(reconcile.code == 0)
        #expect(reconcile.output.contains("no index on \"timestamp\""))
        let indexes = try await setting.jobs("run", "create-indexes")
        #expect(indexes.output.contains("built idx_activity_timestamp_collection, "), "\(indexes.output)")
        #expect(try await setting.jobs("run", "create-indexes").output.contains("all indexes are there"))
        for name in ["maintain", "rebuild-indexes", "archive"] {
            #expect(try await setting.jobs("run", name).code == 0)
        }
        let rows = try await #require(try setting.json("history", "bad") as? [[String: Any]])
        #expect(rows.first?["status"] as? String == "failed")
        #expect(rows.first?["trigger"] as? String == "manual")
        let unknown = try await setting.jobs("run", "nonsense")
        #expect(unknown.code == 64)
        #expect(unknown.output.contains("accepted: ingest, precompute"))
        #expect(await setting.daemon.terminate() == 0)
    }

    @Test func leavesIndexesToTheOwnerOfTheTable() async throws {
        let server = try await PostgresServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        try await Setting.execute(
            Self.table
                + """
                DROP ROLE IF EXISTS reader;
                CREATE ROLE reader LOGIN;
                CREATE SCHEMA activity AUTHORIZATION reader;
                GRANT SELECT ON directus_activity TO reader;
                """,
            database,
        )
        let asReader = database + " user=reader"
        let daemon = try DaemonProcess(database: asReader, redis: try await RedisServer.shared.url)
        try await daemon.waitUntilReady()
        let run = try await ProgramRun(["jobs", "run", "create-indexes", "--set", "database.url=\(asReader)"])
        #expect(run.code == 0)
        #expect(run.output.contains("skipped"), "\(run.output)")
        #expect(run.output.contains("role \"reader\" does not own \"public\".directus_activity: let \"postgres\" run"))
        #expect(await daemon.terminate() == 0)
    }

    @Test func listsPausesResumesAndStops() async throws {
        let setting = try await Setting()
        func state(_ name: String) async throws -> String? {
            let list = try await setting.json("list") as? [String: Any]
            let jobs = list?["jobs"] as? [[String: Any]]
            return jobs?.first { $0["name"] as? String == name }?["state"] as? String
        }
        for name in ["cron:1", "maintain"] {
            #expect(try await state(name) == "active")
            #expect(try await setting.jobs("pause", name).code == 0)
            #expect(try await state(name) == "paused")
            #expect(try await setting.jobs("resume", name).code == 0)
            #expect(try await state(name) == "active")
        }
        #expect(try await state("archive") == "paused", "it is off by default")
        let show = try await setting.jobs("show", "long")
        #expect(show.output.contains("SELECT pg_sleep(600)") && show.output.contains("January"), "\(show.output)")
        // It waits for the long run's end in a process of its own, while this one stops that.
        let database = setting.database
        let long = Task.detached { try await ProgramRun(["jobs", "run", "long", "--set", "database.url=\(database)"]) }
        try await eventually("the long run is under way and is stopped") {
            let row = (try await setting.json("history", "long") as? [[String: Any]])?.first
            guard let status = row?["status"] as? String, status != "queued" else { return false }
            return try await setting.jobs("cancel", "long").output.contains("1 runs")
        }
        #expect(try await long.value.code == 1)
        #expect(try await long.value.output.contains("canceled"))
        #expect(await setting.daemon.terminate() == 0)
    }

    @Test func showsWhenTheClockChangesBetweenSlots() async throws {
        let setting = try await Setting()
        try await Setting.execute("SELECT cron.set_policy('good', timezone => 'Europe/Berlin')", setting.database)
        try await Setting.execute(
            "UPDATE cron.job SET schedule = '30 2 1 * *' WHERE jobname = 'good'",
            setting.database,
        )
        let next = try await setting.jobs("next", "good", "--count", "13").output.split(separator: "\n").map(
            String.init
        )
        #expect(next.count { $0 == "-- the clock is set +1 h --" } == 1)
        #expect(next.count { $0 == "-- the clock is set -1 h --" } == 1)
        #expect(next.count { $0.hasSuffix("02:30:00+01:00") || $0.hasSuffix("02:30:00+02:00") } == 13)
        #expect(await setting.daemon.terminate() == 0)
    }

    @Test func reloadsJobsOnSIGHUP() async throws {
        let server = try await PostgresServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        try await Setting.execute(Self.table, database)
        let file = FileManager.default.temporaryDirectory.appending(path: "activityd-\(UUID().uuidString).yaml")
        try "jobs: {ingest: {schedule: 7 seconds}}".write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let daemon = try DaemonProcess(
            database: database,
            redis: try await RedisServer.shared.url,
            arguments: ["--config", file.path],
        )
        try await daemon.waitUntilReady()
        try "jobs: {ingest: {schedule: never}}".write(to: file, atomically: true, encoding: .utf8)
        daemon.signal(SIGHUP)
        try await eventually("it refuses, and says why on one line") {
            daemon.lines.contains { $0.contains("configuration refused") && $0.contains("1 problem; \(file.path):1: ") }
        }
        try "jobs: {ingest: {schedule: 1 second}}\nlog: {format: json}".write(
            to: file,
            atomically: true,
            encoding: .utf8,
        )
        daemon.signal(SIGHUP)
        try await eventually("it says what waits for a restart") {
            daemon.lines.contains {
                $0.contains("configuration reloaded") && $0.contains("configuration.needsRestart=log.format")
            }
        }
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        try await eventually("it runs by the new schedule") {
            let definition = try await client.query("SELECT definition FROM activity.job_state WHERE job = 'ingest'")
            return try definition.value(0, 0) == "1 second in UTC"
        }
        await client.close()
        #expect(await daemon.terminate() == 0)
    }

    @Test func takesTheJobsOfTheExtensionOver() async throws {
        let server = try await PostgresServer.start(settings: ["shared_preload_libraries": "pg_cron"])
        let database = server.connectionString()
        try await Setting.execute(
            """
            CREATE EXTENSION pg_cron;
            SELECT cron.schedule('plain', '*/5 * * * *', 'SELECT ''it''''s''');
            SELECT cron.schedule('long', '0 1 * * * ignored', 'SELECT 2');
            SELECT cron.schedule('reversed', '10-5 * * * *', 'SELECT 3');
            SELECT cron.schedule('0 0 1 1 *', 'SELECT 4');
            UPDATE cron.job SET active = false WHERE jobname = 'plain';
            INSERT INTO cron.job_run_details (jobid, start_time, status)
            SELECT 2, date_trunc('day', now()) - interval '1 day' + n * interval '1 hour' + interval '40 ms', 'succeeded'
            FROM generate_series(0, 1) AS n;
            """,
            database,
        )
        func run(_ arguments: String...) async throws -> ProgramRun {
            try await ProgramRun(["import-pg-cron"] + arguments + ["--set", "database.url=\(database)"])
        }
        let preview = try await run("--dry-run").output
        #expect(preview.contains("the extension ignores what follows the fifth field; so \"0 1 * * *\" is taken"))
        #expect(preview.contains("minute \"10-5\" is refused"))
        let shadow = try await run("--shadow", "100").output
        #expect(shadow.contains("job 2: 1 runs agree"), "\(shadow)")
        let refused = try await run()
        #expect(refused.code == 64)
        #expect(refused.output.contains("--replace-extension"))
        #expect(try await run("--replace-extension").output.contains("3 jobs imported"))
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        let jobs = try await client.query(
            "SELECT concat_ws('|', jobid, schedule, command, username, active, jobname) FROM cron.job ORDER BY jobid"
        ).map { try $0.value(0, as: String.self) }
        #expect(
            jobs == [
                "1|*/5 * * * *|SELECT 'it''s'|postgres|f|plain", "2|0 1 * * *|SELECT 2|postgres|t|long",
                "4|0 0 1 1 *|SELECT 4|postgres|t",
            ]
        )
        #expect(try await client.query("SELECT cron.schedule('1 second', 'x')").value(0, 0, as: Int64.self) == 5)
        await client.close()
        try await server.remove()
    }

    /// A superuser imports, the daemon's role runs what it can become; whoever could schedule still can.
    @Test func takesTheJobsOfTheExtensionOverForTheDaemonsRole() async throws {
        let server = try await PostgresServer.start(settings: ["shared_preload_libraries": "pg_cron"])
        let database = server.connectionString()
        try await Setting.execute(
            Self.table
                + """
                CREATE EXTENSION pg_cron;
                CREATE ROLE owner LOGIN;
                GRANT USAGE ON SCHEMA cron TO owner;
                SET ROLE owner;
                SELECT cron.schedule('tick', '* * * * *', 'SELECT 1');
                SELECT cron.schedule('refresh', '0 0 1 1 *', 'REFRESH MATERIALIZED VIEW mv_activity_hourly_stats');
                """,
            database,
        )
        let run = try await ProgramRun(["import-pg-cron", "--replace-extension", "--set", "database.url=\(database)"])
        #expect(run.code == 0, "\(run.output)")
        #expect(run.output.contains("the daemon's job refresh-hourly-stats does this by itself"))
        try await Setting.execute("GRANT owner TO activityd", database)
        let asDaemon = database.replacing("user=postgres", with: "user=activityd")
        try #require(asDaemon != database)
        let daemon = try DaemonProcess(database: asDaemon, redis: try await RedisServer.shared.url)
        try await daemon.waitUntilReady()
        let tick = try await ProgramRun(["jobs", "run", "tick", "--set", "database.url=\(asDaemon)"])
        #expect(tick.code == 0, "\(tick.output)")
        try await Setting.execute(
            "SET ROLE owner; SELECT cron.unschedule('tick')",
            database.replacing("user=postgres", with: "user=owner"),
        )
        let check = try await ProgramRun(["check", "--set", "database.url=\(database)"])
        #expect(check.output.contains("ok   cron: \"cron\" is ours"), "\(check.output)")
        #expect(check.output.contains("cron.job 2 (refresh) does the work of our job refresh-hourly-stats"))
        #expect(await daemon.terminate() == 0)
        try await server.remove()
    }
}
