import Pipeline
import PostgresClient
import TestServers
import Testing

/// The views that show how indexes and tables are.
struct MonitoringViewTests {
    // MARK: - v_activity_index_stats

    @Test func gradesHowMuchAnIndexIsUsed() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            (0...4).map { "CREATE INDEX used_\($0) ON directus_activity (item) WHERE action = '\($0)';" }.joined()
        )
        // A connection that ends reports what it has counted.
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: database.connectionString)
        )
        try await connection.execute(script: "SET enable_seqscan = off; SET enable_bitmapscan = off")
        for (index, scans) in [(1, 99), (2, 100), (3, 999), (4, 1000)] {
            try await connection.execute(
                script: """
                    DO $$ BEGIN FOR i IN 1..\(scans) LOOP
                        PERFORM FROM directus_activity WHERE action = '\(index)' AND item = 'x';
                    END LOOP; END $$
                    """
            )
        }
        await connection.close()
        let expected = [
            "used_0 0 UNUSED", "used_1 99 LOW_USAGE", "used_2 100 MEDIUM_USAGE", "used_3 999 MEDIUM_USAGE",
            "used_4 1000 HIGH_USAGE",
        ]
        try await eventually("scans are counted") {
            let found = try await database.lines(
                "indexname, scans, usage_level",
                from: "activity.v_activity_index_stats WHERE indexname LIKE 'used%' ORDER BY 1",
            )
            return found == expected
        }
    }

    @Test func showsIndexesOfDirectusAndOfTheDaemon() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            CREATE INDEX damaged ON directus_activity (item);
            UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'damaged'::regclass;
            """
        )
        let found = try await database.lines(
            "tablename, indexname, is_valid, size = pg_size_pretty(size_bytes)",
            from: """
                activity.v_activity_index_stats
                WHERE tablename IN ('directus_activity', 'fact_default', 'recent_fact') ORDER BY 1
                """,
        )
        #expect(
            found == [
                "directus_activity damaged f t",
                "directus_activity directus_activity_pkey t t",
                "directus_activity directus_activity_timestamp_index t t", "fact_default fact_default_hour_idx t t",
                "fact_default fact_default_pkey t t", "recent_fact recent_fact_batch_idx t t",
                "recent_fact recent_fact_last_at_idx t t",
            ]
        )
    }

    @Test func estimatesTheBloatOfAnIndex() async throws {
        let database = try await ActivityDatabase()
        func share() async throws -> String {
            try await database.lines(
                "round(100.0 * estimated_bloat_bytes / size_bytes)",
                from: "activity.v_activity_index_stats WHERE indexname = 'directus_activity_pkey'",
            ).joined()
        }
        try await database.execute(
            """
            ALTER TABLE directus_activity SET (autovacuum_enabled = off);
            INSERT INTO directus_activity (action, collection, item) SELECT 'a', 'b', i FROM generate_series(1, 50000) AS i
            """
        )
        #expect(try await share().isEmpty)
        try await database.execute("ANALYZE directus_activity")
        #expect(try #require(Int(try await share())) < 5)
        _ = try await database.client.query("DELETE FROM directus_activity WHERE id % 10 <> 0")
        _ = try await database.client.query("VACUUM (ANALYZE) directus_activity")
        try await eventually("deleted rows are counted") {
            (85...92).contains(try #require(Int(try await share())))
        }
        _ = try await database.client.query("REINDEX TABLE directus_activity")
        #expect(try #require(Int(try await share())) < 10)
    }

    // MARK: - v_activity_table_stats

    @Test func sumsPartitions() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", collection, item)
            SELECT 'create', now() - i * interval '1 day', 'articles', 'x' FROM generate_series(1, 100) AS i
            """
        )
        try await database.feed()
        // A session reports its inserts late, and they would be added to what VACUUM has counted.
        try await eventually("inserts are counted") {
            try await database.number(
                "SELECT sum(n_tup_ins) FROM pg_stat_all_tables WHERE schemaname = 'activity' AND relname LIKE 'fact\\_%'"
            ) == 100
        }
        _ = try await database.client.query("VACUUM (ANALYZE) activity.fact")
        let found = try await database.lines(
            """
            live_rows, dead_rows, table_size + index_size = total_size, last_vacuum > now() - interval '1 hour',
            last_analyze > now() - interval '1 hour', last_autovacuum, newest_row_age,
            xid_age = (SELECT max(age(c.relfrozenxid)) FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
                       WHERE inhparent = 'activity.fact'::regclass),
            total_size = (SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits
                          WHERE inhparent = 'activity.fact'::regclass)
            """,
            from: "activity.v_activity_table_stats WHERE tablename = 'fact'",
        )
        #expect(found == ["100 0 t t t t t"])
        let tables = try await database.lines("tablename", from: "activity.v_activity_table_stats")
        #expect(Set(tables).isSuperset(of: ["directus_activity", "fact", "feed", "job_run", "schema_migration"]))
        #expect(!tables.contains { $0.hasPrefix("fact_") })
    }

    @Test func countsDeadRows() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            ALTER TABLE directus_activity SET (autovacuum_enabled = off);
            INSERT INTO directus_activity (action, collection, item) SELECT 'a', 'b', i FROM generate_series(1, 400) AS i;
            DELETE FROM directus_activity WHERE id % 4 = 0;
            """
        )
        try await eventually("rows are counted") {
            try await database.lines(
                "live_rows, dead_rows, dead_share",
                from: "activity.v_activity_table_stats WHERE tablename = 'directus_activity'",
            ) == ["300 100 0.250"]
        }
    }

    @Test func saysHowOldTheNewestRowIs() async throws {
        let database = try await ActivityDatabase()
        func age() async throws -> String {
            try await database.lines(
                "round(extract(epoch FROM newest_row_age) / 600)",
                from: "activity.v_activity_table_stats WHERE tablename = 'directus_activity'",
            ).joined()
        }
        #expect(try await age().isEmpty)
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", collection, item)
            SELECT 'create', at, 'articles', 'x' FROM unnest(ARRAY[
                now() - interval '5 hours', now() - interval '100 minutes', now() + interval '2 hours',
                '2100-01-01', 'infinity', '-infinity']) AS at
            """
        )
        try await database.feed()
        #expect(try await age() == "10")
        try await database.execute("DELETE FROM activity.fact WHERE last_at > now() - interval '2 hours'")
        #expect(try await age() == "30")
    }

    // MARK: - Directus

    /// None of these objects may keep Directus from changing its table.
    @Test func letsDirectusAlterAndReplaceItsTable() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            ALTER TABLE directus_activity ALTER COLUMN ip TYPE text, ALTER COLUMN collection TYPE varchar(100);
            ALTER TABLE directus_activity DROP COLUMN origin;
            ALTER TABLE directus_activity RENAME TO directus_activity_old;
            """
        )
        #expect(
            try await database.lines("tablename", from: "activity.v_activity_table_stats WHERE tablename ~ 'directus'")
                == []
        )
        try await database.execute("DROP TABLE directus_activity_old CASCADE")
        #expect(try await database.number("SELECT count(*) FROM activity.v_activity_index_stats") > 10)
    }
}
