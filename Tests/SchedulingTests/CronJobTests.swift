import PostgresClient
import Scheduling
import TestServers
import Testing

/// Jobs of `cron.job`, from the call that makes them to the row that says how they ended.
struct CronJobTests {
    private func settings(_ database: CronDatabase, _ roleSwitch: JobSessions.RoleSwitch = .member)
        -> Scheduler.Settings
    {
        Scheduler.Settings(
            postgres: database.configuration(as: database.daemon),
            sql: database.sql,
            roleSwitch: roleSwitch,
        )
    }

    private func details(_ database: CronDatabase, as role: String? = nil) async throws -> [String] {
        try await database.rows(
            "SELECT jobid, username, status, return_message FROM cron.job_run_details ORDER BY runid",
            as: role ?? database.daemon,
        )
    }

    @Test func runsAsItsUserInItsDatabase() async throws {
        let database = try await CronDatabase()
        let elsewhere = try await database.server.createDatabase()
        let table = "CREATE TABLE ran (who text, wher text); GRANT INSERT ON ran TO PUBLIC"
        try await database.execute(table, as: database.administrator)
        let other = PostgresClient(database.configuration(as: "postgres", database: elsewhere))
        _ = try await other.withConnection { try await $0.execute(script: table) }
        let command = "INSERT INTO ran SELECT current_user, current_database()"
        try await database.execute("SELECT cron.schedule('1 second', '\(command)')", as: database.alice)
        try await database.execute(
            "SELECT cron.schedule_in_database('n', '1 second', '\(command)', '\(elsewhere)', '\(database.bob)')",
            as: database.administrator,
        )
        try await withScheduler(settings(database)) { _, observations in
            try await eventually("both have run") { Set(observations.finished.map(\.job)).count == 2 }
        }
        #expect(
            try await database.rows("SELECT DISTINCT * FROM ran", as: "postgres")
                == ["(\(database.alice),\(database.name))"]
        )
        let there = try await other.query("SELECT DISTINCT who || ' ' || wher FROM ran").map {
            try $0.value(0, as: String.self)
        }
        #expect(there == ["\(database.bob) \(elsewhere)"])
        #expect(
            try await details(database, as: database.alice).first == "(1,\(database.alice),succeeded,\"INSERT 0 1\")"
        )
        let times =
            "SELECT 1 FROM cron.job_run_details WHERE start_time <= end_time AND job_pid > 0 AND database IS NOT NULL"
        #expect(try await !database.rows(times, as: database.bob).isEmpty)
        await other.close()
    }

    /// As the predecessor's script has them.
    @Test func runsThePredecessorsJobs() async throws {
        let database = try await CronDatabase()
        let views = ["mv_activity_hourly_stats", "mv_activity_daily_summary", "mv_activity_collection_stats"]
        for view in views {
            try await database.execute(
                """
                CREATE MATERIALIZED VIEW \(view) AS SELECT 1 AS id;
                CREATE UNIQUE INDEX ON \(view) (id);
                ALTER MATERIALIZED VIEW \(view) OWNER TO \(database.alice);
                GRANT CREATE ON SCHEMA public TO \(database.alice);
                """,
                as: database.administrator,
            )
        }
        try await database.execute(
            """
            SELECT cron.schedule('refresh-hourly', '*/15 * * * *', 'REFRESH MATERIALIZED VIEW CONCURRENTLY \(views[0]);');
            SELECT cron.schedule('refresh-daily', '0 1 * * *', 'REFRESH MATERIALIZED VIEW CONCURRENTLY \(views[1]);');
            SELECT cron.schedule('refresh-collection', '*/5 * * * *', 'REFRESH MATERIALIZED VIEW CONCURRENTLY \(views[2]);');
            """,
            as: database.alice,
        )
        #expect(try await database.rows("SELECT * FROM cron.job", as: database.alice).count == 3)
        try await withScheduler(settings(database)) { _, observations in
            for id in 1...3 {
                try await database.execute("SELECT activity.request_run('cron:\(id)')", as: database.daemon)
            }
            try await eventually("all three have run") { observations.finished.count { $0.trigger == .manual } == 3 }
        }
        let answers = try await details(database, as: database.alice)
        #expect(answers.count { $0.hasSuffix("succeeded,\"REFRESH MATERIALIZED VIEW\")") } >= 3, "\(answers)")
    }

    @Test func learnsOfJobsWhileItRunsAndForgetsThem() async throws {
        let database = try await CronDatabase()
        try await withScheduler(settings(database)) { _, observations in
            try await eventually("it is up") { observations.descriptions.contains { $0.hasPrefix("loaded") } }
            try await database.execute("SELECT cron.schedule('n', '1 second', 'SELECT 1')", as: database.alice)
            try await eventually("it runs") { !observations.finished.isEmpty }
            try await database.execute("SELECT cron.unschedule('n')", as: database.alice)
            try await eventually("it is forgotten") {
                observations.descriptions.last { $0.hasPrefix("loaded") } == "loaded(jobs: 0)"
            }
        }
    }

    @Test func isNotDisturbedByJobsThatCannotRun() async throws {
        let database = try await CronDatabase()
        let gone = try await database.server.createDatabase()
        try await database.execute(
            """
            CREATE ROLE gone_\(database.name) LOGIN;
            SELECT cron.schedule_in_database('no role', '1 second', 'SELECT 1', '\(database.name)', 'gone_\(database.name)');
            SELECT cron.schedule_in_database('no database', '1 second', 'SELECT 1', '\(gone)', '\(database.bob)');
            SELECT cron.schedule_in_database('malformed', '1 second', 'SELECT 1', '\(database.name)', '\(database.bob)');
            SELECT cron.schedule_in_database('fine', '1 second', 'SELECT 1', '\(database.name)', '\(database.alice)');
            UPDATE cron.job SET schedule = 'whenever' WHERE jobname = 'malformed';
            DROP ROLE gone_\(database.name);
            """,
            as: database.administrator,
        )
        try await database.execute("DROP DATABASE \(gone)", as: database.administrator)
        try await withScheduler(settings(database)) { _, observations in
            try await eventually("the good one goes on while others fail") {
                observations.finished.count { $0.job == "cron:4" && $0.outcome.status == .succeeded } >= 3
                    && Set(observations.finished.filter { $0.outcome.status == .failed }.map(\.job)) == [
                        "cron:1", "cron:2",
                    ]
            }
            #expect(observations.descriptions.contains { $0.contains("cron:3") && $0.contains("whenever") })
        }
        #expect(try await details(database).contains("(2,\(database.bob),failed,\"connection failed\")"))
    }

    @Test func standsInForARoleThatCannotConnectIfItIsAMember() async throws {
        let server = try await PostgresServer.start(
            hostBasedAuthentication: ["local all alice_shut reject", "local all bob_shut reject"]
        )
        let database = try await CronDatabase(server, suffix: "shut")
        let command = "INSERT INTO ran SELECT current_user"
        try await database.execute(
            """
            CREATE TABLE ran (who text);
            GRANT INSERT ON ran TO PUBLIC;
            SELECT cron.schedule_in_database('a', '1 second', '\(command)', '\(database.name)', '\(database.alice)');
            SELECT cron.schedule_in_database('b', '1 second', '\(command)', '\(database.name)', '\(database.bob)');
            GRANT \(database.alice) TO \(database.daemon);
            """,
            as: database.administrator,
        )
        try await withScheduler(settings(database)) { _, observations in
            try await eventually("one ran and one was refused") {
                observations.finished.contains { $0.job == "cron:1" && $0.outcome.status == .succeeded }
                    && observations.finished.contains { $0.job == "cron:2" && $0.outcome.result == "connection failed" }
            }
        }
        #expect(try await database.rows("SELECT DISTINCT who FROM ran", as: "postgres") == ["(\(database.alice))"])
    }

    @Test func leavesNothingOfOneRunToTheNext() async throws {
        let database = try await CronDatabase()
        try await database.execute(
            """
            SELECT cron.schedule('1 second', 'CREATE TEMP TABLE mine (); SET work_mem = ''1MB''; SELECT pg_advisory_lock(7)')
            """,
            as: database.alice,
        )
        try await withScheduler(settings(database)) { _, observations in
            try await eventually("it ran three times") { observations.finished.count >= 3 }
            #expect(observations.finished.allSatisfy { $0.outcome.status == .succeeded })
        }
    }
}
