import ActivitySQL
import Foundation
import Pipeline
import PostgresClient
import TestServers
import Testing

/// The functions that maintain and measure: what they do themselves, and what they leave to the daemon.
struct MaintenanceFunctionTests {
    @Test func maintainsWhatCanBeDoneAtOnceAndLeavesTheRestToTheDaemon() async throws {
        let database = try await ActivityDatabase()
        try await database.execute("INSERT INTO directus_activity (action, collection, item) VALUES ('a', 'b', 'c')")
        try await database.feed()
        let found = try await database.lines("operation, result", from: "activity.maintain_activity_table()")
        let run = try await database.number("SELECT id FROM activity.job_run WHERE job = 'maintain'")
        let rest = "left to the daemon as run \(run) of the job maintain: VACUUM cannot run inside of a function"
        #expect(found.last == "vacuum \(rest)")
        #expect(found.contains("analyze public.directus_activity 1 rows"))
        #expect(found.contains("analyze activity.fact 1 rows"))
        for month in 0...2 {
            let name = try await database.lines(
                "to_char(date_trunc('month', now()) + interval '\(month) months', 'YYYY_MM')",
                from: "activity.feed",
            ).joined()
            #expect(found.contains("partition fact_\(name) \(month == 0 ? "was there" : "made")"))
        }
    }

    @Test func leavesRebuildsToTheDaemon() async throws {
        let database = try await ActivityDatabase()
        let found = try await database.lines("operation, result", from: "activity.rebuild_activity_indexes()")
        let run = try await database.number("SELECT id FROM activity.job_run WHERE job = 'rebuild-indexes'")
        let suffix =
            " left to the daemon as run \(run) of the job rebuild-indexes: "
            + "REINDEX CONCURRENTLY cannot run inside of a function"
        #expect(found.allSatisfy { $0.hasSuffix(suffix) })
        for index in ["public.directus_activity_pkey", "activity.fact_default_pkey", "activity.job_run_id_key"] {
            #expect(found.contains("reindex \(index)\(suffix)"))
        }
    }

    /// The daemon's role as the README makes it: owner of its schema, reader of Directus's table.
    @Test func worksForARoleThatOwnsOnlyItsSchema() async throws {
        let database = try await ActivityDatabase(migrated: false)
        let role = "owner_" + UUID().uuidString.lowercased().prefix(8)
        try await database.execute(
            """
            CREATE ROLE \(role) LOGIN;
            GRANT SELECT ON directus_activity TO \(role);
            CREATE SCHEMA activity AUTHORIZATION \(role);
            INSERT INTO directus_activity (action, collection, item) VALUES ('a', 'b', 'c');
            ANALYZE directus_activity;
            """
        )
        let client = PostgresClient(
            PostgresConfiguration(connectionString: database.connectionString + " user=\(role)")
        )
        _ = try await client.withConnection { try await Migrator(database.sql.ownSchema).migrate($0) }
        let done = try await database.lines("operation", from: "activity.maintain_activity_table()")
        #expect(done.contains("analyze activity.fact") && !done.contains("analyze public.directus_activity"))
        let rebuilt = try await database.lines("operation", from: "activity.rebuild_activity_indexes()")
        #expect(!rebuilt.isEmpty && rebuilt.allSatisfy { $0.hasPrefix("reindex activity.") })
        let shown = try await client.query(
            """
            SELECT estimated_bloat_bytes IS NOT NULL FROM activity.v_activity_index_stats
            WHERE indexname = 'directus_activity_pkey'
            """
        )
        #expect(try shown.value(0, 0, as: Bool.self))
    }

    @Test func timesItsFunctionsAndViews() async throws {
        let database = try await ActivityDatabase()
        let views = ["hourly_stats", "daily_summary", "collection_stats"].map { "activity.mv_activity_\($0)" }
        for view in views {
            try await database.execute(
                """
                DROP MATERIALIZED VIEW IF EXISTS \(view);
                CREATE MATERIALIZED VIEW \(view) AS SELECT * FROM generate_series(1, 3) WITH NO DATA;
                """
            )
        }
        try await database.execute(
            "REFRESH MATERIALIZED VIEW \(views[0]); DROP MATERIALIZED VIEW \(views[2])"
        )
        let found = try await database.lines(
            "query_name, CASE WHEN query_name LIKE '%h%s%' THEN rows_returned > 0 END, execution_time_ms > 0",
            from: "activity.test_activity_query_performance()",
        )
        #expect(
            found == [
                "ip stats 7 days t", "engagement 30 days t", "anomalies 1 hour t", "hourly stats t t",
                "table stats t", "index stats t",
            ]
        )
    }
}
