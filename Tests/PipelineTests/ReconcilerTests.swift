import Activity
import Pipeline
import PostgresClient
import TestServers
import Testing

struct ReconcilerTests {
    /// Rows of four days, one every ten minutes, with and without users and addresses.
    private static let rows = """
        CREATE INDEX ON directus_activity ("timestamp");
        INSERT INTO directus_activity (action, "user", "timestamp", ip, collection, item)
        SELECT 'create', CASE WHEN n % 3 > 0 THEN NULL ELSE md5((n % 5)::text)::uuid END,
            now() - n * interval '10 minutes', CASE WHEN n % 4 > 0 THEN '10.0.0.' || n % 7 END, 'c' || n % 3, 'x'
        FROM generate_series(1, 576) AS n;
        """

    /// The hours whose facts are not what the raw rows say; the oldest hour may have lost rows to retention.
    private static let drift = """
        SELECT count(*) FROM (
            SELECT date_trunc('hour', "timestamp", 'UTC') AS hour, count(*) AS events FROM directus_activity GROUP BY 1
        ) AS raw FULL JOIN (
            SELECT hour, sum(events) AS events FROM activity.fact GROUP BY 1
        ) AS fact USING (hour)
        WHERE raw.events IS DISTINCT FROM fact.events
            AND hour > (SELECT date_trunc('hour', min("timestamp"), 'UTC') FROM directus_activity)
        """

    private func fed(_ script: String = rows) async throws -> ActivityDatabase {
        let database = try await ActivityDatabase()
        try await database.execute("DELETE FROM directus_activity;" + script)
        try await database.feed()
        return database
    }

    private func reconcile(_ database: ActivityDatabase) async throws -> Reconciler.Outcome {
        try await database.client.withConnection { try await Reconciler(database.sql).run($0) }
    }

    @Test func findsNothingWhereNothingDrifted() async throws {
        let database = try await fed()
        #expect(try await reconcile(database) == .recounted(hours: 12, drifted: []))
        for _ in 0..<20 { _ = try await reconcile(database) }
        #expect(try await database.number("SELECT drifted_hours FROM activity.reconcile") == 0)
        #expect(try await database.number("SELECT checked_hours FROM activity.reconcile") > 200)
    }

    @Test func repairsWhatWasDeletedAndRewrittenSinceInTurns() async throws {
        let database = try await fed()
        try await database.execute(
            """
            DELETE FROM directus_activity WHERE id % 41 = 0;
            UPDATE directus_activity SET collection = 'new', "user" = gen_random_uuid(), ip = '2001:db8::1' WHERE id % 53 = 0;
            """
        )
        #expect(try await database.number(Self.drift) > 5)
        // 96 hours, six at a time.
        for _ in 0..<17 { _ = try await reconcile(database) }
        #expect(try await database.number(Self.drift) == 0)
        #expect(try await database.number("SELECT count(*) FROM activity.dim_collection WHERE name = 'new'") == 1)
    }

    @Test func leavesAloneWhatRetentionHasDeleted() async throws {
        let database = try await fed()
        let before = try await database.number("SELECT sum(events) FROM activity.fact")
        try await database.execute("DELETE FROM directus_activity WHERE \"timestamp\" < now() - interval '1 day'")
        for _ in 0..<20 { #expect(try await reconcile(database) != .missingIndex) }
        #expect(try await database.number("SELECT sum(events) FROM activity.fact") == before)
        #expect(try await database.number("SELECT drifted_hours FROM activity.reconcile") == 0)
    }

    @Test func countsNoRowThatTheFeedHasNotPassed() async throws {
        let database = try await fed()
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", collection, item)
            SELECT 'create', now() - interval '2 hours', 'late', 'x' FROM generate_series(1, 5)
            """
        )
        #expect(try await reconcile(database) == .recounted(hours: 12, drifted: []))
        try await database.feed()
        #expect(try await database.number(Self.drift) == 0)
    }

    @Test func makesReadersReadAnewWhatTheyHold() async throws {
        let database = try await fed()
        let loader = DataLoader(database.sql)
        let now = Timestamp(
            microseconds: Int64(try await database.number("SELECT extract(epoch FROM now()) * 1000000"))
        )
        let first = try await database.client.withConnection { try await loader.load($0, now: now) }
        try await database.execute(
            "DELETE FROM directus_activity WHERE \"timestamp\" > now() - interval '5 hours' AND id % 2 = 0"
        )
        guard case .recounted(_, let drifted) = try await reconcile(database) else { return #expect(Bool(false)) }
        #expect(drifted.count >= 3)
        let second = try await database.client.withConnection { try await loader.load($0, after: first, now: now) }
        let fresh = try await database.client.withConnection { try await loader.load($0, now: now) }
        #expect(second.change == .everything)
        #expect(second.data.cube.factCount == fresh.data.cube.factCount)
        #expect(second.data.cube.factCount < first.data.cube.factCount)
    }

    @Test func doesNotReadTheWholeTableForAnHour() async throws {
        let database = try await fed()
        try await database.execute(
            """
            DO $$
            DECLARE v_index regclass;
            BEGIN
                FOR v_index IN
                    SELECT indexrelid FROM pg_index JOIN pg_attribute AS a ON a.attrelid = indrelid AND a.attnum = indkey[0]
                    WHERE indrelid = 'directus_activity'::regclass AND a.attname = 'timestamp'
                LOOP
                    EXECUTE 'DROP INDEX ' || v_index;
                END LOOP;
            END $$
            """
        )
        #expect(try await reconcile(database) == .missingIndex)
    }
}
