import ActivitySQL
import Pipeline
import PostgresClient
import TestServers
import Testing

/// The three materialized views say what the same question asked of the raw table says.
struct ActivityViewsTests {
    private static let views = [
        MaterializedView.hourlyStats(ActivitySQL()), .dailySummary(ActivitySQL()), .collectionStats(ActivitySQL()),
    ]

    /// A view's rows that the raw table does not have, and the other way round; lists of columns are equal as well.
    private static func differences(_ view: String, _ naive: String) -> String {
        let ours = "SELECT * FROM activity.\(view)"
        return
            "SELECT count(*) FROM ((\(ours) EXCEPT ALL \(naive)) UNION ALL (\(naive) EXCEPT ALL \(ours))) AS difference"
    }

    private static func within(_ days: Int) -> String {
        """
        "timestamp" >= date_trunc('hour', now(), 'UTC') - interval '\(days) days'
        AND "timestamp" < date_trunc('hour', now(), 'UTC') + interval '1 hour'
        """
    }

    private static let hourly = """
        SELECT date_trunc('hour', "timestamp", 'UTC') AS hour, collection::text COLLATE "C" AS collection,
            action::text COLLATE "C" AS action, count(*) AS activity_count, count(DISTINCT "user") AS unique_users,
            count(DISTINCT ip) AS unique_ips, min("timestamp") AS first_activity, max("timestamp") AS last_activity
        FROM directus_activity WHERE \(within(30)) GROUP BY 1, 2, 3
        """
    private static let daily = """
        SELECT day.*, breakdown.actions AS action_breakdown
        FROM (
            SELECT ("timestamp" AT TIME ZONE 'UTC')::date AS date, collection::text COLLATE "C" AS collection,
                action::text COLLATE "C" AS action, count(*) AS activity_count, count(DISTINCT "user") AS unique_users,
                count(DISTINCT ip) AS unique_ips
            FROM directus_activity GROUP BY 1, 2, 3
        ) AS day
        JOIN (
            SELECT date, collection, jsonb_object_agg(action, events) AS actions FROM (
                SELECT ("timestamp" AT TIME ZONE 'UTC')::date AS date, collection, action, count(*) AS events
                FROM directus_activity GROUP BY 1, 2, 3
            ) AS counted GROUP BY 1, 2
        ) AS breakdown USING (date, collection)
        """
    private static let collections = """
        SELECT whole.*, breakdown.actions AS action_breakdown
        FROM (
            SELECT collection::text COLLATE "C" AS collection, count(*) AS total_activity,
                count(DISTINCT "user") AS unique_users, count(DISTINCT ip) AS unique_ips,
                count(DISTINCT action) AS action_types, min("timestamp") AS first_activity,
                max("timestamp") AS last_activity
            FROM directus_activity WHERE \(within(7)) GROUP BY collection
        ) AS whole
        JOIN (
            SELECT collection, jsonb_object_agg(action, events) AS actions FROM (
                SELECT collection, action, count(*) AS events
                FROM directus_activity WHERE \(within(7)) GROUP BY 1, 2
            ) AS counted GROUP BY 1
        ) AS breakdown USING (collection)
        """
    private static let questions = [
        ("mv_activity_hourly_stats", hourly), ("mv_activity_daily_summary", daily),
        ("mv_activity_collection_stats", collections),
    ]

    private func refresh(_ database: ActivityDatabase) async throws -> [MaterializedView.Outcome] {
        var outcomes: [MaterializedView.Outcome] = []
        for view in Self.views {
            outcomes.append(try await database.client.withConnection { try await view.refresh($0) })
        }
        return outcomes
    }

    private func compare(_ database: ActivityDatabase) async throws {
        for (view, naive) in Self.questions {
            #expect(try await database.number(Self.differences(view, naive)) == 0, "\(view)")
        }
    }

    @Test(arguments: [11, 12] as [UInt64])
    func equalTheNaiveQuestionsOverRandomHistories(seed: UInt64) async throws {
        let database = try await ActivityDatabase(seed.isMultiple(of: 2) ? .v10 : .v11)
        var writers: [PostgresConnection] = []
        for _ in 0..<4 {
            writers.append(try await .connect(PostgresConfiguration(connectionString: database.connectionString)))
        }
        var history = RandomHistory(seed: seed, writers: writers)
        for checkpoint in 1...3 {
            for _ in 0..<60 { try await history.step() }
            if checkpoint == 3 { try await history.finish() }
            try await database.feed()
            _ = try await refresh(database)
            try await compare(database)
        }
        #expect(try await database.number("SELECT count(*) FROM activity.mv_activity_daily_summary") > 100)
    }

    @Test func countByHand() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            DELETE FROM directus_activity;
            INSERT INTO directus_activity (action, "user", "timestamp", ip, collection, item)
            SELECT action, md5(who)::uuid, date_trunc('day', now(), 'UTC') - interval '3 days' + at, ip, 'pages', 'x'
            FROM (VALUES ('create', 'a', interval '1:00', '10.0.0.1'), ('create', 'b', interval '1:20', '10.0.0.1'),
                ('create', NULL, interval '1:59:59.999', NULL), ('create', 'a', interval '2:00', '::1'),
                ('delete', 'a', interval '23:59:59.999', '::1')) AS v (action, who, at, ip);
            """
        )
        try await database.feed()
        #expect(try await refresh(database) == Array(repeating: .refreshed(concurrently: false), count: 3))
        let rows = try await database.client.query(
            """
            SELECT concat_ws(' ', 'hour', to_char(hour AT TIME ZONE 'UTC', 'HH24'), action, activity_count, unique_users, unique_ips,
                to_char(first_activity AT TIME ZONE 'UTC', 'HH24:MI:SS.MS'), to_char(last_activity AT TIME ZONE 'UTC', 'HH24:MI:SS.MS'))
            FROM activity.mv_activity_hourly_stats
            UNION ALL SELECT concat_ws(' ', 'day', (now() AT TIME ZONE 'UTC')::date - date, action, activity_count, unique_users,
                unique_ips, action_breakdown) FROM activity.mv_activity_daily_summary
            UNION ALL SELECT concat_ws(' ', collection, total_activity, unique_users, unique_ips, action_types, action_breakdown)
            FROM activity.mv_activity_collection_stats ORDER BY 1
            """
        ).map { try $0.value(0, as: String.self) }
        #expect(
            rows == [
                #"day 3 create 4 2 2 {"create": 4, "delete": 1}"#,
                #"day 3 delete 1 1 1 {"create": 4, "delete": 1}"#,
                "hour 01 create 3 2 1 01:00:00.000 01:59:59.999",
                "hour 02 create 1 1 1 02:00:00.000 02:00:00.000",
                "hour 23 delete 1 1 1 23:59:59.999 23:59:59.999",
                #"pages 5 2 2 2 {"create": 4, "delete": 1}"#,
            ]
        )
    }

    @Test func dailySummaryIsRightForWhoeverRefreshesIt() async throws {
        let database = try await ActivityDatabase()
        try await database.feed()
        _ = try await refresh(database)
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", collection, item)
            SELECT 'create', now() - n * interval '11 hours', 'late', 'x' FROM generate_series(1, 9) AS n
            """
        )
        try await database.feed()
        try await database.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY activity.mv_activity_daily_summary")
        #expect(try await database.number(Self.differences("mv_activity_daily_summary", Self.daily)) == 0)
    }

    @Test func dailySummaryKeepsDaysWhoseFactsWereDropped() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            "INSERT INTO directus_activity (action, \"timestamp\", collection, item) VALUES ('create', '2020-02-29T12:00Z', 'old', 'x')"
        )
        try await database.feed()
        _ = try await refresh(database)
        try await database.execute(
            """
            DROP TABLE activity.fact_2020_02;
            UPDATE activity.day_summary_state SET first_day = '2020-03-01';
            INSERT INTO directus_activity (action, "timestamp", collection, item)
            VALUES ('create', '2020-02-29T13:00Z', 'older', 'x'), ('create', now(), 'new', 'x');
            """
        )
        try await database.feed()
        _ = try await refresh(database)
        let old = "SELECT count(*) FROM activity.mv_activity_daily_summary WHERE date = '2020-02-29' AND collection"
        #expect(try await database.number("\(old) = 'old'") == 1)
        #expect(try await database.number("\(old) = 'older'") == 0)
        #expect(
            try await database.number(
                "SELECT count(*) FROM activity.mv_activity_daily_summary WHERE collection = 'new'"
            ) == 1
        )
    }

    @Test func areRefreshedWhenTheWindowMovesOverFacts() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", collection, item)
            VALUES ('create', date_trunc('hour', now()) - interval '7 days 1 hour', 'old', 'x')
            """
        )
        try await database.feed()
        _ = try await refresh(database)
        #expect(try await refresh(database) == [.unchanged, .unchanged, .unchanged])
        // As if the last refresh had been two hours ago, when the row was within seven days.
        try await database.execute("UPDATE activity.view_refresh SET refreshed_at = now() - interval '2 hours'")
        #expect(try await refresh(database) == [.unchanged, .unchanged, .refreshed(concurrently: true)])
    }

    @Test func oursComesBeforeOneOfTheSameNameInDirectussSchema() async throws {
        let database = try await ActivityDatabase()
        try await database.execute("CREATE MATERIALIZED VIEW mv_activity_hourly_stats AS SELECT 1 AS one WITH NO DATA")
        _ = try await refresh(database)
        #expect(
            try await database.number(
                "SELECT count(*) FROM pg_matviews WHERE matviewname = 'mv_activity_hourly_stats' AND ispopulated AND schemaname = 'activity'"
            ) == 1
        )
    }

    @Test func completeAfterADiskWasFullDuringARefresh() async throws {
        try await SmallDisk.withDisk(bytes: 64 << 20) { disk in
            let server = try await PostgresServer.start()
            let postgres = PostgresClient(PostgresConfiguration(connectionString: server.connectionString()))
            _ = try await postgres.query("CREATE TABLESPACE small LOCATION '\(disk.path)/data'")
            let database = try await ActivityDatabase(on: server, tablespace: "small")
            try await database.execute(
                """
                INSERT INTO directus_activity (action, "timestamp", ip, collection, item)
                SELECT 'create', now() - n * interval '20 seconds', n::text, 'c' || n % 200, 'x'
                FROM generate_series(1, 20000) AS n
                """
            )
            try await database.feed(batchSize: 100_000)
            try disk.fill()
            for view in Self.views.dropLast() {
                await #expect {
                    try await database.client.withConnection { try await view.refresh($0) }
                } throws: { error in
                    (error as? PostgresError)?.sqlState == "53100"
                }
            }
            try disk.makeRoom()
            #expect(try await refresh(database) == Array(repeating: .refreshed(concurrently: false), count: 3))
            try await compare(database)
            try await server.stop(mode: .immediate)
        }
    }
}
