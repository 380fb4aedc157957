import PostgresClient
import TestServers
import Testing

/// What pg_cron's users rely on, as ordinary roles.
struct CronSchemaTests {
    @Test func hasThePredecessorsCallsAndItsListUnchanged() async throws {
        let database = try await CronDatabase()
        try await database.execute(
            """
            SELECT cron.schedule('refresh-hourly-stats', '*/15 * * * *', 'REFRESH MATERIALIZED VIEW CONCURRENTLY mv_activity_hourly_stats;');
            SELECT cron.schedule('refresh-daily-summary', '0 1 * * *', 'REFRESH MATERIALIZED VIEW CONCURRENTLY mv_activity_daily_summary;');
            SELECT cron.schedule('refresh-collection-stats', '*/5 * * * *', 'REFRESH MATERIALIZED VIEW CONCURRENTLY mv_activity_collection_stats;');
            """,
            as: database.alice,
        )
        let names = try await database.withConnection(as: database.alice) { connection in
            let jobs = try await connection.query("SELECT * FROM cron.job")
            #expect(jobs.rowCount == 3)
            return jobs.columnNames
        }
        #expect(
            names == [
                "jobid", "schedule", "command", "nodename", "nodeport", "database", "username", "active", "jobname",
            ]
        )
        let details = try await database.withConnection(as: database.alice) { connection in
            try await connection.query("SELECT * FROM cron.job_run_details").columnNames
        }
        #expect(
            details == [
                "jobid", "runid", "job_pid", "database", "username", "command", "status", "return_message",
                "start_time", "end_time",
            ]
        )
    }

    @Test func numbersJobsAndFillsInWhoAndWhere() async throws {
        let database = try await CronDatabase()
        #expect(
            try await database.rows("SELECT cron.schedule('* * * * *', 'SELECT 1')", as: database.alice) == ["(1)"]
        )
        let job = try await database.rows(
            "SELECT jobid, schedule, command, nodename, database, username, active, jobname FROM cron.job",
            as: database.alice,
        )
        #expect(
            job == [#"(1,"* * * * *","SELECT 1",localhost,\#(database.name),\#(database.alice),t,)"#]
        )
    }

    @Test func keepsNumberAndStateOfAJobThatIsScheduledAgain() async throws {
        let database = try await CronDatabase()
        try await database.execute("SELECT cron.schedule('n', '1 * * * *', 'one')", as: database.alice)
        try await database.execute("SELECT cron.alter_job(1, active => false)", as: database.administrator)
        let again = try await database.rows("SELECT cron.schedule('n', '2 * * * *', 'two')", as: database.alice)
        #expect(again == ["(1)"])
        let job = try await database.rows("SELECT schedule, command, active FROM cron.job", as: database.alice)
        #expect(job == [#"("2 * * * *",two,f)"#])
        // The second call has drawn a number.
        #expect(try await database.rows("SELECT cron.schedule('3 * * * *', 'three')", as: database.alice) == ["(3)"])
    }

    @Test func letsTwoRolesUseOneName() async throws {
        let database = try await CronDatabase()
        for role in [database.alice, database.bob] {
            try await database.execute("SELECT cron.schedule('same', '* * * * *', 'SELECT 1')", as: role)
        }
        #expect(try await database.rows("SELECT count(*) FROM cron.job", as: database.administrator) == ["(2)"])
        #expect(try await database.rows("SELECT cron.unschedule('same')", as: database.alice) == ["(t)"])
        #expect(
            try await database.rows("SELECT username FROM cron.job", as: database.administrator) == [
                "(\(database.bob))"
            ]
        )
    }

    @Test func schedulesOneNameOnceHoweverManySessionsTry() async throws {
        let database = try await CronDatabase()
        let numbers = try await withThrowingTaskGroup(of: [String].self) { group in
            for session in 1...8 {
                group.addTask {
                    try await database.rows(
                        "SELECT cron.schedule('same', '* * * * *', 'SELECT \(session)')",
                        as: database.alice,
                    )
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.formUnion($1) }
        }
        #expect(numbers.count == 1)
        #expect(try await database.rows("SELECT count(*) FROM cron.job", as: database.alice) == ["(1)"])
    }

    @Test func answersNothingToNothingWhereItIsStrict() async throws {
        let database = try await CronDatabase()
        for call in ["cron.schedule(NULL, 'x')", "cron.unschedule(NULL::bigint)", "cron.unschedule(NULL::text)"] {
            #expect(try await database.rows("SELECT \(call) IS NULL", as: database.alice) == ["(t)"])
        }
    }

    @Test func schedulesElsewhereAndForOthersAsAnAdministrator() async throws {
        let database = try await CronDatabase()
        try await database.execute(
            """
            SELECT cron.schedule_in_database('n', '1 second', 'SELECT 1', 'postgres', '\(database.alice)', false);
            SELECT cron.schedule_in_database('n', '2 seconds', 'SELECT 2', 'template1', '\(database.alice)', true);
            """,
            as: database.administrator,
        )
        #expect(
            try await database.rows("SELECT schedule, database, active FROM cron.job", as: database.alice)
                == [#"("2 seconds",template1,f)"#]
        )
    }

    @Test func schedulesElsewhereForARoleThatWasLetTo() async throws {
        let database = try await CronDatabase()
        try await database.execute(
            """
            GRANT EXECUTE ON FUNCTION cron.schedule_in_database TO \(database.alice);
            GRANT EXECUTE ON FUNCTION cron.alter_job TO \(database.alice);
            """,
            as: database.daemon,
        )
        try await database.execute(
            "SELECT cron.schedule_in_database('n', '1 second', 'SELECT 1', 'postgres')",
            as: database.alice,
        )
        try await database.execute(
            "SELECT cron.alter_job(1, schedule => '2 seconds', database => 'template1')",
            as: database.alice,
        )
        #expect(
            try await database.rows("SELECT schedule, database, username FROM cron.job", as: database.alice)
                == [#"("2 seconds",template1,\#(database.alice))"#]
        )
    }

    @Test func changesEveryAttributeOfAJob() async throws {
        let database = try await CronDatabase()
        try await database.execute("SELECT cron.schedule('1 second', 'one')", as: database.alice)
        try await database.execute(
            "SELECT cron.alter_job(1, '2 seconds', 'two', 'postgres', '\(database.bob)', false)",
            as: database.administrator,
        )
        #expect(
            try await database.rows("SELECT schedule, command, database, active FROM cron.job", as: database.bob)
                == [#"("2 seconds",two,postgres,f)"#]
        )
        #expect(try await database.rows("SELECT 1 FROM cron.job", as: database.alice) == [])
    }

    @Test func setsThePolicyOfOnesOwnJob() async throws {
        let database = try await CronDatabase()
        try await database.execute(
            """
            SELECT cron.schedule('n', '1 second', 'one');
            SELECT cron.set_policy(1, timezone => 'Europe/Berlin', overlap => 'queue', catch_up => 'all');
            SELECT cron.set_policy('n', catch_up_limit => 7, timeout => '5 min', retries => 3, jitter => '10 s');
            """,
            as: database.alice,
        )
        #expect(
            try await database.rows("SELECT * FROM cron.job_policy", as: database.alice)
                == ["(1,Europe/Berlin,queue,all,7,00:05:00,3,00:00:10)"]
        )
        try await database.execute("SELECT cron.unschedule(1)", as: database.alice)
        #expect(try await database.rows("SELECT * FROM cron.job_policy", as: database.daemon) == [])
    }

    @Test func notifiesTheDaemonsOfEveryChange() async throws {
        let database = try await CronDatabase()
        let client = PostgresClient(database.configuration(as: database.daemon))
        var notifications = client.listen(to: ["activityd_jobs"]).makeAsyncIterator()
        #expect(try await notifications.next() == .connected)
        let changes = [
            ("SELECT cron.schedule('n', '* * * * *', 'x')", database.alice),
            ("SELECT cron.set_policy('n', retries => 1)", database.alice),
            ("UPDATE cron.job SET active = false", database.administrator),
            ("SELECT cron.unschedule('n')", database.alice),
            ("TRUNCATE cron.job CASCADE", database.administrator),
        ]
        for (statement, role) in changes {
            try await database.execute(statement, as: role)
            #expect(try await notifications.next() == .notification(channel: "activityd_jobs", payload: ""))
        }
        await client.close(grace: .zero)
    }
}
