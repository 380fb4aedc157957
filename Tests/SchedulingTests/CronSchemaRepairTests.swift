import PostgresClient
import TestServers
import Testing

/// Jobs outlive what they need; whoever may change them can still pause, mend and remove them.
struct CronSchemaRepairTests {
    @Test(arguments: ["role", "database"])
    func pausesAJobWhoseRoleOrDatabaseIsGone(_ missing: String) async throws {
        let database = try await CronDatabase()
        let (role, other) = ("gone_\(database.name)", "gone_\(database.name)")
        try await database.execute("CREATE ROLE \(role) LOGIN", as: database.administrator)
        try await database.execute("CREATE DATABASE \(other)", as: database.administrator)
        try await database.execute(
            "SELECT cron.schedule_in_database('n', '* * * * *', 'x', '\(other)', '\(role)')",
            as: database.administrator,
        )
        try await database.execute("DROP \(missing.uppercased()) \(role)", as: database.administrator)
        try await database.execute("SELECT cron.alter_job(1, active => false)", as: database.administrator)
        #expect(try await database.rows("SELECT active FROM cron.job", as: database.administrator) == ["(f)"])
        #expect(try await database.rows("SELECT cron.unschedule(1)", as: database.administrator) == ["(t)"])
    }

    @Test func letsAnOwnerPauseAndMendAMalformedJob() async throws {
        let database = try await CronDatabase()
        try await database.execute("SELECT cron.schedule('n', '* * * * *', 'x')", as: database.alice)
        try await database.execute(
            "UPDATE cron.job SET schedule = 'bad', database = 'nowhere'",
            as: database.administrator,
        )
        try await database.execute("UPDATE cron.own_job SET active = false", as: database.alice)
        let refusal = try await database.refusal("UPDATE cron.own_job SET schedule = 'worse'", as: database.alice)
        #expect(refusal.hasPrefix("22023 invalid schedule: worse"))
        try await database.execute("SELECT cron.schedule('n', '1 second', 'y')", as: database.alice)
        #expect(
            try await database.rows("SELECT schedule, database FROM cron.job", as: database.alice)
                == [#"("1 second",\#(database.name))"#]
        )
    }

    @Test func schedulesForARoleThatWasSetAndCannotLogIn() async throws {
        let database = try await CronDatabase()
        let group = "group_\(database.name)"
        try await database.execute(
            "CREATE ROLE \(group); GRANT \(group) TO \(database.alice); GRANT USAGE ON SCHEMA cron TO \(group)",
            as: database.administrator,
        )
        try await database.execute("SET ROLE \(group); SELECT cron.schedule('1 second', 'x')", as: database.alice)
        #expect(
            try await database.rows("SELECT username FROM cron.job", as: database.administrator) == ["(\(group))"]
        )
    }

    @Test func letsARoleThatMayDeleteRemoveJobsOfOthers() async throws {
        let database = try await CronDatabase()
        try await database.execute("SELECT cron.schedule('1 second', 'x')", as: database.alice)
        try await database.execute("GRANT DELETE ON cron.job TO \(database.bob)", as: database.daemon)
        #expect(try await database.rows("SELECT cron.unschedule(1)", as: database.bob) == ["(t)"])
        #expect(try await database.rows("SELECT 1 FROM cron.job", as: database.administrator) == [])
    }

    @Test func showsNoRowOfOthersToAFunctionInACondition() async throws {
        let database = try await CronDatabase()
        try await database.execute(
            "SELECT cron.schedule('n', '* * * * *', 'x'); SELECT cron.set_policy('n', retries => 1)",
            as: database.alice,
        )
        try await database.execute("GRANT CREATE ON SCHEMA public TO \(database.bob)", as: database.administrator)
        try await database.execute(
            """
            CREATE FUNCTION public.peep(anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0000001
            AS $$ BEGIN RAISE EXCEPTION 'seen'; END $$
            """,
            as: database.bob,
        )
        for table in ["job", "own_job", "removable_job", "job_policy", "own_job_policy"] {
            #expect(
                try await database.rows("SELECT 1 FROM cron.\(table) WHERE public.peep(jobid)", as: database.bob) == []
            )
        }
    }

    @Test(arguments: [
        "localtime", "posixrules", "Factory", "posix/Europe/Berlin", "right/Europe/Berlin", "europe/berlin", "",
    ])
    func refusesNamesThatAreNoZoneEverywhere(_ name: String) async throws {
        let database = try await CronDatabase()
        try await database.execute("SELECT cron.schedule('n', '* * * * *', 'x')", as: database.alice)
        let refusal = try await database.refusal(
            "SELECT cron.set_policy('n', timezone => '\(name)')",
            as: database.alice,
        )
        #expect(refusal.hasPrefix("22023 invalid timezone '\(name)'"))
    }

    @Test func takesTheCurrentDatabaseWhereNoneIsGiven() async throws {
        let database = try await CronDatabase()
        try await database.execute(
            "SELECT cron.schedule_in_database('n', '* * * * *', 'x', NULL)",
            as: database.administrator,
        )
        #expect(
            try await database.rows("SELECT database FROM cron.job", as: database.administrator) == [
                "(\(database.name))"
            ]
        )
    }
}
