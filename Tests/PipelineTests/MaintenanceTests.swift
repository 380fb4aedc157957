import Pipeline
import PostgresClient
import Synchronization
import TestServers
import Testing

struct MaintenanceTests {
    private func maintain(
        _ database: ActivityDatabase,
        facts: FactRetention = .keep,
        observe: @escaping @Sendable (PipelineObservation) -> Void = { _ in },
    ) async throws -> Maintenance.Report {
        let retention = Maintenance.Retention(runs: .seconds(7 * 86_400), facts: facts)
        return try await Maintenance(database.client, database.sql, retention, observe: observe).run()
    }

    /// A table of the daemon's with 20,000 rows, analyzed and without dead ones, and another that nothing ails.
    private func worn() async throws -> ActivityDatabase {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            CREATE TABLE activity.worn (id integer) WITH (autovacuum_enabled = false);
            CREATE TABLE activity.well (id integer) WITH (autovacuum_enabled = false);
            INSERT INTO activity.well SELECT generate_series(1, 20000);
            """
        )
        let rows = "INSERT INTO activity.worn SELECT generate_series(1, 20000)"
        try await change(database, rows, until: "n_ins_since_vacuum")
        try await database.execute("VACUUM ANALYZE")
        return database
    }

    /// Changes rows and waits until the counters know.
    private func change(_ database: ActivityDatabase, _ statement: String, until counter: String) async throws {
        try await database.client.withConnection { connection in
            try await connection.execute(script: statement)
            // Counters are written at the end of a transaction, though not of each.
            if await connection.serverVersion >= 150_000 {
                _ = try await connection.query("SELECT pg_stat_force_next_flush()")
            }
        }
        try await eventually("the statistics know of it") {
            try await database.number("SELECT \(counter) FROM pg_stat_user_tables WHERE relname = 'worn'") > 0
        }
    }

    @Test func deletesHistoryThatIsOldAndNothingThatIsUnderWay() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO activity.job_state (job, definition, watermark)
            VALUES ('short', '2 seconds in UTC', now()), ('long', '0 1 * * * in UTC', now());
            INSERT INTO activity.job_run (job, era, nominal_at, last_nominal_at, trigger, status)
            SELECT job, 1, now() - age, now() - age, 'schedule', status
            FROM unnest('{short,long}'::text[]) AS job, unnest('{1 hour,2 days,8 days}'::interval[]) AS age,
                unnest('{succeeded}'::text[]) AS status;
            INSERT INTO activity.job_run (job, era, nominal_at, last_nominal_at, trigger, status)
            VALUES ('short', 1, now() - interval '3 days', now() - interval '3 days', 'schedule', 'failed'),
                ('long', 1, now() - interval '30 days', now() - interval '30 days', 'schedule', 'running');
            """
        )
        #expect(try await maintain(database).prunedRuns == 3)
        let left = try await database.client.query(
            "SELECT job || ' ' || status FROM activity.job_run ORDER BY job, nominal_at"
        ).map { try $0.value(0, as: String.self) }
        #expect(left == ["long running", "long succeeded", "long succeeded", "short failed", "short succeeded"])
    }

    @Test func makesPartitionsAhead() async throws {
        let database = try await ActivityDatabase()
        #expect(try await maintain(database).partitionsAhead == 3)
        for months in 0...2 {
            let name = "'activity.fact_' || to_char(now() + interval '\(months) months', 'YYYY_MM')"
            #expect(try await database.number("SELECT (to_regclass(\(name)) IS NOT NULL)::integer") == 1)
        }
    }

    @Test func makesNoPartitionWhileSomebodyReadsForLong() async throws {
        let database = try await ActivityDatabase()
        try await database.client.withConnection { connection in
            try await connection.transaction { connection in
                _ = try await connection.query("SELECT FROM activity.fact")
                #expect(try await maintain(database).partitionsAhead == 0)
            }
        }
        #expect(try await maintain(database).partitionsAhead == 3)
    }

    @Test func leavesTablesAloneThatNothingAils() async throws {
        let report = try await maintain(try await worn())
        #expect(report.upkeep == [])
        #expect(report.tables > 10)
        #expect(report.description == "3 partitions ahead; \(report.tables) tables looked at, none wants a vacuum")
    }

    @Test func vacuumsWhereRowsHaveDiedAndSaysWhy() async throws {
        let database = try await worn()
        try await change(database, "DELETE FROM activity.worn WHERE id % 4 = 0", until: "n_dead_tup")
        let told = Mutex<[Upkeep]>([])
        let report = try await maintain(database) { observation in
            if case .maintained(let upkeep) = observation { told.withLock { $0.append(upkeep) } }
        }
        #expect(report.upkeep.map(\.command) == ["VACUUM"])
        #expect(report.upkeep == told.withLock(\.self))
        #expect(report.description == "3 partitions ahead; vacuumed activity.worn (5,000 dead rows)")
        try await eventually("the dead are gone") {
            try await database.number("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'worn'") == 0
        }
        #expect(try await maintain(database).upkeep == [])
    }

    @Test func analyzesAPartitionedTableWhichAutovacuumNeverDoes() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO activity.fact
            SELECT '2020-01-01Z'::timestamptz + n * interval '1 hour', 1, 1, 1, 1, 1, now(), now()
            FROM generate_series(1, 500) AS n;
            """
        )
        try await eventually("the statistics know of it") {
            try await database.number("SELECT pg_stat_get_live_tuples('activity.fact_default'::regclass)") > 0
        }
        #expect(try await maintain(database).description.contains("activity.fact (never analyzed)"))
        let rows = "SELECT reltuples FROM pg_class WHERE oid = 'activity.fact'::regclass"
        #expect(try await database.number(rows) == 500)
    }

    @Test func waitsForNobodyWhoWorksOnATable() async throws {
        let database = try await worn()
        try await change(database, "DELETE FROM activity.worn WHERE id % 4 = 0", until: "n_dead_tup")
        try await database.client.withConnection { connection in
            try await connection.transaction { connection in
                _ = try await connection.query("LOCK TABLE activity.worn IN SHARE UPDATE EXCLUSIVE MODE")
                let report = try await maintain(database)
                #expect(report.upkeep == [])
                #expect(report.description == "3 partitions ahead; 1 table in use and left for the next run")
            }
        }
        #expect(try await maintain(database).upkeep.count == 1)
    }

    @Test func vacuumsDirectusTableOnlyForWhoMay() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            ALTER TABLE directus_activity SET (autovacuum_enabled = false);
            INSERT INTO directus_activity (action, collection, item)
            SELECT 'create', 'a', 'x' FROM generate_series(1, 20000);
            CREATE ROLE maintenance_guest LOGIN;
            ALTER SCHEMA activity OWNER TO maintenance_guest;
            GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA activity TO maintenance_guest;
            DO $$
            DECLARE v_table regclass;
            BEGIN
                FOR v_table IN SELECT oid FROM pg_class
                    WHERE relnamespace = 'activity'::regnamespace AND relkind IN ('r', 'p') LOOP
                    EXECUTE 'ALTER TABLE ' || v_table || ' OWNER TO maintenance_guest';
                END LOOP;
            END $$;
            """
        )
        try await eventually("the statistics know of it") {
            try await database.number("SELECT pg_stat_get_live_tuples('directus_activity'::regclass)") > 0
        }
        var configuration = PostgresConfiguration(connectionString: database.connectionString)
        configuration.role = "maintenance_guest"
        let retention = Maintenance.Retention(runs: .seconds(1), facts: .keep)
        let guest = Maintenance(PostgresClient(configuration), database.sql, retention) { _ in }
        #expect(try await !guest.run().upkeep.contains { $0.subject.contains("directus_activity") })
        // PostgreSQL 17 can give the right alone, where earlier ones ask for the owner.
        guard try await database.number("SELECT current_setting('server_version_num')") >= 170_000 else {
            #expect(try await maintain(database).upkeep.contains { $0.subject.contains("directus_activity") })
            return
        }
        try await database.execute("GRANT MAINTAIN ON directus_activity TO maintenance_guest")
        #expect(try await guest.run().upkeep.contains { $0.subject.contains("directus_activity") })
    }
}
