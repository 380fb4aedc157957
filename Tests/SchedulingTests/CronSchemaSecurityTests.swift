import PostgresClient
import Scheduling
import TestServers
import Testing

/// Nobody sees, makes, changes or runs what is another's.
struct CronSchemaSecurityTests {
    private func databaseWithAJobOfAlice() async throws -> CronDatabase {
        let database = try await CronDatabase()
        try await database.execute("SELECT cron.schedule('hers', '* * * * *', 'SELECT 1')", as: database.alice)
        try await database.execute(
            """
            INSERT INTO cron.job_run_details (jobid, username, command, status)
            VALUES (1, '\(database.alice)', 'SELECT 1', 'succeeded')
            """,
            as: database.daemon,
        )
        return database
    }

    @Test func showsJobsRunsAndPoliciesToTheirOwnerOnly() async throws {
        let database = try await databaseWithAJobOfAlice()
        try await database.execute("SELECT cron.set_policy('hers', retries => 1)", as: database.alice)
        for table in ["job", "own_job", "job_run_details", "job_policy", "own_job_policy"] {
            #expect(try await database.rows("SELECT 1 FROM cron.\(table)", as: database.alice).count == 1)
            #expect(try await database.rows("SELECT 1 FROM cron.\(table)", as: database.bob) == [])
        }
    }

    @Test func letsOwnersDeleteTheirRunsAndNobodyElse() async throws {
        let database = try await databaseWithAJobOfAlice()
        try await database.execute("DELETE FROM cron.job_run_details", as: database.bob)
        #expect(try await database.rows("SELECT 1 FROM cron.job_run_details", as: database.daemon).count == 1)
        try await database.execute("DELETE FROM cron.job_run_details", as: database.alice)
        #expect(try await database.rows("SELECT 1 FROM cron.job_run_details", as: database.daemon) == [])
    }

    @Test func refusesWhatIsAnothers() async throws {
        let database = try await databaseWithAJobOfAlice()
        let (alice, bob) = (database.alice, database.bob)
        let attempts = [
            ("SELECT cron.unschedule(1)", "42501 permission denied for table job"),
            ("SELECT cron.unschedule('hers')", "P0002 could not find valid entry for job 'hers'"),
            ("SELECT cron.set_policy(1, retries => 1)", "P0002 Job 1 does not exist or you don't own it"),
            ("UPDATE cron.job SET active = false", "42501 permission denied for table job"),
            ("DELETE FROM cron.job", "42501 permission denied for table job"),
            (
                "INSERT INTO cron.job (schedule, command) VALUES ('* * * * *', 'x')",
                "42501 permission denied for table job",
            ),
            (
                "INSERT INTO cron.own_job (schedule, command, username) VALUES ('* * * * *', 'x', '\(alice)')",
                "42501 permission denied for view own_job",
            ),
            (
                "INSERT INTO cron.own_job (jobid, schedule, command) VALUES (7, '* * * * *', 'x')",
                "42501 permission denied for view own_job",
            ),
            ("UPDATE cron.own_job SET username = '\(alice)'", "42501 permission denied for view own_job"),
            (
                "INSERT INTO cron.own_job (schedule, command, database) VALUES ('* * * * *', 'x', 'postgres')",
                "42501 permission denied for function schedule_in_database",
            ),
            (
                "INSERT INTO cron.own_job_policy (jobid, retries) VALUES (1, 1)",
                "44000 new row violates check option for view \"own_job_policy\"",
            ),
            (
                "INSERT INTO cron.job_run_details (jobid) VALUES (1)",
                "42501 permission denied for table job_run_details",
            ),
            ("UPDATE cron.job_run_details SET status = 'x'", "42501 permission denied for table job_run_details"),
            ("TRUNCATE cron.job CASCADE", "42501 permission denied for table job"),
            ("SELECT setval('cron.jobid_seq', 1)", "42501 permission denied for sequence jobid_seq"),
            ("SELECT cron.note_run()", "42501 permission denied for function note_run"),
            (
                "CREATE FUNCTION cron.schedule_field(text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "42501 permission denied for schema cron",
            ),
        ]
        for (statement, answer) in attempts {
            let refusal = try await database.refusal(statement, as: bob)
            #expect(refusal.hasPrefix(answer), "\(statement)")
        }
        #expect(try await database.rows("SELECT username FROM cron.job", as: database.daemon) == ["(\(alice))"])
    }

    @Test func checksSchedulesThatComeThroughTheView() async throws {
        let database = try await CronDatabase()
        let refusal = try await database.refusal(
            "INSERT INTO cron.own_job (schedule, command) VALUES ('bad', 'x')",
            as: database.alice,
        )
        #expect(refusal.hasPrefix("22023 invalid schedule: bad"))
    }

    /// Operators, casts, functions and tables of the attacker come first in the victim's search_path.
    @Test(arguments: ["trap, pg_catalog", "pg_temp, trap, pg_catalog"])
    func isNotDeceivedByAHostileSearchPath(_ path: String) async throws {
        let database = try await CronDatabase()
        try await database.execute(
            "GRANT CREATE ON DATABASE \(database.name) TO \(database.bob)",
            as: database.administrator,
        )
        try await database.execute(
            """
            CREATE SCHEMA trap; GRANT USAGE ON SCHEMA trap TO PUBLIC;
            CREATE TABLE trap.sprung (by text); GRANT INSERT ON trap.sprung TO PUBLIC;
            CREATE FUNCTION trap.spring() RETURNS void LANGUAGE sql AS 'INSERT INTO trap.sprung VALUES (current_user)';
            CREATE FUNCTION trap.equal(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT trap.spring(); SELECT true';
            CREATE FUNCTION trap.different(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT trap.spring(); SELECT false';
            CREATE FUNCTION trap.matches(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT trap.spring(); SELECT true';
            CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.equal);
            CREATE OPERATOR trap.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.different);
            CREATE OPERATOR trap.!~ (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.matches);
            CREATE FUNCTION trap.lower(text) RETURNS text LANGUAGE sql AS 'SELECT trap.spring(); SELECT $1';
            CREATE FUNCTION trap.btrim(text, text) RETURNS text LANGUAGE sql AS $$ SELECT trap.spring(); SELECT '1 second' $$;
            CREATE FUNCTION trap.has_database_privilege(text, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT trap.spring(); SELECT true';
            CREATE FUNCTION trap.pg_notify(text, text) RETURNS void LANGUAGE sql AS 'SELECT trap.spring()';
            CREATE FUNCTION trap.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT trap.spring(); SELECT 'on' $$;
            CREATE TABLE trap.pg_roles AS SELECT rolname, true AS rolsuper, true AS rolcanlogin FROM pg_catalog.pg_roles;
            GRANT SELECT ON trap.pg_roles TO PUBLIC;
            """,
            as: database.bob,
        )
        try await database.execute(
            """
            CREATE TEMP TABLE pg_roles AS SELECT rolname, true AS rolsuper, true AS rolcanlogin FROM pg_catalog.pg_roles;
            CREATE TEMP TABLE pg_database AS SELECT 'nowhere'::name AS datname;
            SET search_path = \(path);
            SELECT cron.schedule('n', '*/5 * * jan mon', 'SELECT 1');
            SELECT cron.set_policy('n', overlap => 'queue', timezone => 'UTC');
            SELECT cron.unschedule('n');
            SELECT cron.schedule('5 4 * * *', 'SELECT 1');
            """,
            as: database.alice,
        )
        #expect(try await database.rows("SELECT * FROM trap.sprung", as: database.bob) == [])
        #expect(try await database.rows("SELECT schedule FROM cron.job", as: database.alice) == [#"("5 4 * * *")"#])
        let refusal = try await database.refusal(
            "SET search_path = \(path); SELECT cron.schedule('bad', 'x')",
            as: database.alice,
        )
        #expect(refusal.hasPrefix("22023"))
    }

    /// An implicit cast of the attacker's, which PostgreSQL would use for an argument of his own type.
    @Test func runsNoCastOfOthersAsItsOwner() async throws {
        let database = try await CronDatabase()
        try await database.execute(
            "GRANT CREATE ON DATABASE \(database.name) TO \(database.bob)",
            as: database.administrator,
        )
        try await database.execute(
            """
            CREATE SCHEMA trap; GRANT USAGE ON SCHEMA trap TO PUBLIC;
            CREATE TABLE trap.sprung (by text); GRANT INSERT ON trap.sprung TO PUBLIC;
            CREATE TYPE trap.bait AS (schedule text);
            CREATE FUNCTION trap.swallow(trap.bait) RETURNS text LANGUAGE sql
                AS $$ INSERT INTO trap.sprung VALUES (current_user); SELECT '1 second'::text $$;
            CREATE CAST (trap.bait AS text) WITH FUNCTION trap.swallow(trap.bait) AS IMPLICIT;
            SELECT cron.schedule(ROW('x')::trap.bait, 'SELECT 1');
            """,
            as: database.bob,
        )
        // It ran before the call and as the caller himself.
        #expect(try await database.rows("SELECT * FROM trap.sprung", as: database.bob) == ["(\(database.bob))"])
        #expect(try await database.rows("SELECT username FROM cron.job", as: database.daemon) == ["(\(database.bob))"])
    }

    @Test func leavesTheSchemaOfOthersAloneAndTakesAnEmptyOneOfItsOwn() async throws {
        let database = try await CronDatabase()
        func state() async throws -> CronSchema.State {
            try await database.withConnection(as: database.daemon) { try await CronSchema.state($0) }
        }
        #expect(try await state() == .installed)
        try await database.execute("DROP SCHEMA cron CASCADE; CREATE SCHEMA cron", as: database.administrator)
        #expect(try await state() == .unavailable(reason: "schema \"cron\" belongs to somebody else"))
        try await database.execute("ALTER SCHEMA cron OWNER TO \(database.daemon)", as: database.administrator)
        #expect(try await state() == .absent)
        try await database.execute(
            "DROP SCHEMA cron; REVOKE CREATE ON DATABASE \(database.name) FROM \(database.daemon)",
            as: database.administrator,
        )
        guard case .unavailable(let reason) = try await state() else { return #expect(Bool(false)) }
        #expect(reason.contains("CREATE SCHEMA cron AUTHORIZATION"))
    }
}
