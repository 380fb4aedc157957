import Activity
import ActivitySQL
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
        try await Reconciler(database.servers, database.sql, observe: { _ in }).run()
    }

    /// What a run found and repaired.
    private func drifted(_ database: ActivityDatabase) async throws -> [Drift] {
        guard case .recounted(_, let drifted) = try await reconcile(database) else { return [] }
        return drifted
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

    @Test func followsWhatRetentionHasDeletedWhereFactsAreToMirrorIt() async throws {
        let database = try await fed()
        try await database.execute("DELETE FROM directus_activity WHERE \"timestamp\" < now() - interval '1 day'")
        let reconciler = Reconciler(database.servers, database.sql, followsDeletes: true, observe: { _ in })
        for _ in 0..<20 { _ = try await reconciler.run() }
        let rows = try await database.number("SELECT count(*) FROM directus_activity")
        #expect(try await database.number("SELECT sum(events) FROM activity.fact") == rows)
    }

    /// Between finding and repairing.
    @Test func repairsNoHourThatRetentionHasReachedSince() async throws {
        let database = try await fed()
        let before = try await database.number("SELECT sum(events) FROM activity.fact")
        let batch = try await database.number("SELECT batch FROM activity.feed")
        try await database.execute("DELETE FROM directus_activity WHERE \"timestamp\" < now() - interval '1 day'")
        let hours: [PostgresTimestamp] = try await database.client
            .query("SELECT array_agg(DISTINCT hour) FROM activity.fact WHERE hour < now() - interval '30 hours'")
            .value(0, 0)
        let repaired = try await database.client.query(
            database.sql.repairDrift,
            [.timestampArray(hours.map(\.microseconds)), .bool(false)],
        )
        #expect(hours.count > 50)
        #expect(repaired.rowCount == 0)
        #expect(try await database.number("SELECT sum(events) FROM activity.fact") == before)
        #expect(try await database.number("SELECT batch FROM activity.feed") == batch)
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
        #expect(try await drifted(database).count >= 3)
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

    // MARK: - Causes

    /// Six rows of one hour, of which two are alike but for their time.
    private static let hour = """
        CREATE INDEX ON directus_activity ("timestamp");
        INSERT INTO directus_activity (id, action, "user", "timestamp", ip, collection, item)
        SELECT n, 'create', CASE WHEN n > 2 THEN md5(n::text)::uuid END, at + n * interval '1 minute', '10.0.0.1', 'c', n
        FROM (SELECT date_trunc('hour', now(), 'UTC') - interval '2 hours' AS at) AS hour, generate_series(1, 6) AS n;
        INSERT INTO directus_activity (id, action, "timestamp", collection, item)
        VALUES (0, 'create', now() - interval '1 day', 'c', 'old'), (1000, 'create', now(), 'c', 'new');
        """

    /// Each case: what is done to the raw rows, what it is called, and how many rows there are then.
    private static let causes: [(String, Drift.Cause, Int64)] = [
        ("DELETE FROM directus_activity WHERE id = 4", .deleted, 5),
        ("DELETE FROM directus_activity WHERE id IN (1, 4, 5)", .deleted, 3),
        ("DELETE FROM directus_activity WHERE id BETWEEN 1 AND 6", .deleted, 0),
        ("UPDATE directus_activity SET collection = 'directus_comments' WHERE id = 4", .rewritten, 6),
        ("UPDATE directus_activity SET \"user\" = NULL WHERE id IN (3, 4)", .rewritten, 6),
        ("UPDATE directus_activity SET ip = NULL WHERE id = 1", .rewritten, 6),
        ("UPDATE directus_activity SET \"timestamp\" = \"timestamp\" + '1 second' WHERE id = 2", .rewritten, 6),
        (inserting(1), .added, 7),
        (inserting(3), .added, 9),
        (
            "DELETE FROM directus_activity WHERE id IN (1, 2); UPDATE directus_activity SET ip = 'x' WHERE id = 5",
            .deletedAndRewritten, 4,
        ),
        ("UPDATE directus_activity SET action = 'update' WHERE id = 5;" + inserting(2), .addedAndRewritten, 8),
    ]

    /// Rows with ids that the feed has passed, as after a restore.
    private static func inserting(_ rows: Int) -> String {
        """
        INSERT INTO directus_activity (id, action, "timestamp", collection, item)
        SELECT 100 + n, 'create', date_trunc('hour', now(), 'UTC') - interval '90 minutes', 'c', 'restored'
        FROM generate_series(1, \(rows)) AS n;
        """
    }

    @Test(arguments: causes)
    func tellsWhatBecameOfTheRawRows(_ change: String, _ cause: Drift.Cause, _ rows: Int64) async throws {
        let database = try await fed(Self.hour)
        try await database.execute(change)
        let drifted = try await drifted(database)
        #expect(drifted.map(\.cause) == [cause])
        #expect(drifted.map(\.before) == [6])
        #expect(drifted.map(\.after) == [rows])
        #expect(try await database.number(Self.drift) == 0)
        #expect(try await self.drifted(database).isEmpty)
        let noted = try await database.client
            .query("SELECT hour, events_before, events_after, cause FROM activity.drift")
            .map { try Drift($0) }
        #expect(noted == drifted)
    }

    @Test func keepsWhatItFoundForNinetyDays() async throws {
        let database = try await fed(Self.hour)
        try await database.execute(
            """
            INSERT INTO activity.drift VALUES ('2020-01-01', now() - interval '91 days', 2, 1, 'deleted'),
                ('2020-01-01', now() - interval '89 days', 2, 1, 'deleted');
            DELETE FROM directus_activity WHERE id = 1;
            """
        )
        #expect(try await drifted(database).count == 1)
        #expect(try await database.number("SELECT count(*) FROM activity.drift") == 2)
        #expect(try await database.number("SELECT drifted_hours FROM activity.reconcile") == 1)
    }

    @Test func saysWhatItFound() async throws {
        let database = try await fed(Self.hour)
        try await database.execute("DELETE FROM directus_activity WHERE id = 1")
        let (observations, continuation) = AsyncStream<PipelineObservation>.makeStream()
        let outcome = try await Reconciler(database.servers, database.sql) { continuation.yield($0) }.run()
        continuation.finish()
        var said: [Reconciler.Outcome] = []
        for await case .reconciled(let hours, let drifted) in observations {
            said.append(.recounted(hours: hours, drifted: drifted))
        }
        #expect(said == [outcome])
    }

    // MARK: - Beside the feed

    @Test func looksWithoutTheFeedsLock() async throws {
        let database = try await fed()
        try await database.client.withConnection { connection in
            try await connection.transaction { feed in
                _ = try await feed.query("SELECT FROM activity.feed FOR UPDATE")
                #expect(try await reconcile(database) == .recounted(hours: 12, drifted: []))
            }
        }
    }

    @Test func theFeedCommitsWhileItLooks() async throws {
        let database = try await fed(Self.hour)
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: database.connectionString)
        )
        try await connection.transaction(.repeatableRead, readOnly: true) { look in
            let chosen = try await look.query(database.sql.hoursToReconcile, [.int8(6), .bool(false)])
            let hours: [PostgresTimestamp] = try chosen.value(0, 0)
            try await database.execute(
                """
                INSERT INTO directus_activity (id, action, "timestamp", collection, item)
                SELECT 1000 + n, 'create', now() - interval '2 hours', 'c', 'x' FROM generate_series(1, 50) AS n
                """
            )
            #expect(try await database.feed() == 50)
            let found = try await look.query(
                database.sql.findDrift,
                [.timestampArray(hours.map(\.microseconds)), .bool(false)],
            )
            #expect(found.rowCount == 0)
        }
        #expect(try await drifted(database).isEmpty)
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func findsNoDriftInAHistoryThatNobodyChanged(seed: UInt64) async throws {
        let database = try await fed("CREATE INDEX ON directus_activity (\"timestamp\")")
        var writers: [PostgresConnection] = []
        let configuration = PostgresConfiguration(connectionString: database.connectionString)
        for _ in 0..<4 { writers.append(try await PostgresConnection.connect(configuration)) }
        var history = RandomHistory(seed: seed, writers: writers)
        let feeding = Task {
            while !Task.isCancelled { _ = try await database.ingest(batchSize: 50) }
        }
        for step in 0..<200 {
            try await history.step()
            if step % 2 == 0 { #expect(try await drifted(database).isEmpty) }
        }
        try await history.finish()
        feeding.cancel()
        _ = await feeding.result
        try await database.feed()
        for _ in 0..<20 { #expect(try await drifted(database).isEmpty) }
        #expect(try await database.number("SELECT count(*) FROM activity.drift") == 0)
        #expect(try await database.number("SELECT count(*) FROM directus_activity") > 1_000)
    }
}
