import Pipeline
import PostgresClient
import TestServers
import Testing

struct MaintenanceTests {
    private func maintain(_ database: ActivityDatabase) async throws -> Maintenance.Report {
        try await database.client.withConnection { connection in
            try await Maintenance(database.sql, retention: .seconds(7 * 86_400)).maintain(connection)
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

    @Test func makesPartitionsAheadAndVacuums() async throws {
        let database = try await ActivityDatabase()
        #expect(try await maintain(database).vacuumedTables > 10)
        for months in 0...2 {
            let name = try await database.client.query(
                "SELECT to_regclass('activity.fact_' || to_char(now() + interval '\(months) months', 'YYYY_MM')) IS NOT NULL"
            ).value(0, 0, as: Bool.self)
            #expect(name)
        }
    }

    @Test func rebuildsIndexesAndRemovesWhatAnInterruptedRebuildLeft() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            CREATE INDEX feed_left_ccnew ON activity.feed (last_id);
            UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'activity.feed_left_ccnew'::regclass;
            """
        )
        let before = try await database.number("SELECT pg_relation_filenode('activity.job_run_pkey'::regclass)")
        let report = try await database.client.withConnection { connection in
            try await Maintenance(database.sql, retention: .seconds(1)).rebuildIndexes(connection)
        }
        #expect(report.rebuiltIndexes > 10)
        #expect(try await database.number("SELECT count(*) FROM pg_class WHERE relname = 'feed_left_ccnew'") == 0)
        #expect(try await database.number("SELECT pg_relation_filenode('activity.job_run_pkey'::regclass)") != before)
    }
}
