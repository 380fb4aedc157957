import Activity
import Pipeline
import PostgresClient
import TestServers
import Testing

struct FactRetentionTests {
    /// Rows of so many ages, each with its own hour, and an hour that no month is made for.
    private func fed(_ ages: String...) async throws -> ActivityDatabase {
        let database = try await ActivityDatabase()
        try await database.execute("DELETE FROM directus_activity")
        for age in ages { try await insert(database, age) }
        try await database.feed()
        return database
    }

    private func insert(_ database: ActivityDatabase, _ age: String) async throws {
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", ip, collection, item)
            VALUES ('create', now() - interval '\(age)', '10.0.0.1', 'a', 'x')
            """
        )
    }

    private func maintain(_ database: ActivityDatabase, _ facts: FactRetention) async throws -> Maintenance.Report {
        let retention = Maintenance.Retention(runs: .seconds(86_400), facts: facts)
        return try await Maintenance(database.client, database.sql, retention) { _ in }.run()
    }

    private func reconcile(_ database: ActivityDatabase, followsDeletes: Bool) async throws -> Reconciler.Outcome {
        try await Reconciler(database.servers, database.sql, followsDeletes: followsDeletes, observe: { _ in }).run()
    }

    private func events(_ database: ActivityDatabase) async throws -> Int {
        try await database.number("SELECT coalesce(sum(events), 0) FROM activity.fact")
    }

    @Test func keepsFactsForEver() async throws {
        let database = try await fed("1 hour", "500 days", "5000 days", "30 years")
        try await database.execute("DELETE FROM directus_activity WHERE \"timestamp\" < now() - interval '1 day'")
        #expect(try await maintain(database, .keep).droppedPartitions == 0)
        #expect(try await events(database) == 4)
    }

    @Test func dropsMonthsThatAreOlderThanSoManyDays() async throws {
        let database = try await fed("1 hour", "390 days", "500 days", "800 days", "30 years")
        let report = try await maintain(database, .days(400))
        #expect(report.droppedPartitions == 2)
        #expect(report.description.hasPrefix("3 partitions ahead, 2 dropped"))
        #expect(try await events(database) == 2)
        #expect(try await database.number("SELECT count(*) FROM activity.fact_default") == 0)
        #expect(try await database.number("SELECT count(*) FROM activity.changed_hour") == 2)
        #expect(try await maintain(database, .days(400)).droppedPartitions == 0)
    }

    @Test(arguments: [(FactRetention.days(400), 2), (.mirror, 1)])
    func leavesInTheDailySummaryWhatItDropsUnlessFactsFollowDeletes(retention: FactRetention, days: Int) async throws {
        let database = try await fed("500 days", "1 day")
        try await database.execute(
            "DELETE FROM directus_activity WHERE \"timestamp\" < now() - interval '400 days'"
        )
        #expect(try await maintain(database, retention).droppedPartitions == 1)
        let view = MaterializedView.dailySummary(database.sql)
        _ = try await database.client.withConnection { try await view.refresh($0) }
        #expect(try await database.number("SELECT count(*) FROM activity.mv_activity_daily_summary") == days)
    }

    @Test func keepsAMonthUntilAllOfItIsOld() async throws {
        let database = try await fed()
        // The month in which 400 days ago lies, and the one before.
        try await database.execute(
            """
            SELECT activity.ensure_fact_partition(start), activity.ensure_fact_partition(start - interval '1 hour')
            FROM date_trunc('month', now() - interval '9600 hours', 'UTC') AS start
            """
        )
        #expect(try await maintain(database, .days(400)).droppedPartitions == 1)
        let kept = "to_regclass('activity.fact_' || to_char(now() - interval '9600 hours', 'YYYY_MM'))"
        #expect(try await database.number("SELECT (\(kept) IS NOT NULL)::integer") == 1)
    }

    @Test func dropsAMonthAgainWhenARowOfItComesLate() async throws {
        let database = try await fed("1 hour", "500 days")
        #expect(try await maintain(database, .days(400)).droppedPartitions == 1)
        try await insert(database, "500 days")
        try await database.feed()
        #expect(try await events(database) == 2)
        #expect(try await maintain(database, .days(400)).droppedPartitions == 1)
        #expect(try await events(database) == 1)
    }

    @Test func isNotUndoneByARecount() async throws {
        let database = try await fed("1 hour", "400 days", "431 days")
        try await database.execute("CREATE INDEX ON directus_activity (\"timestamp\")")
        #expect(try await maintain(database, .days(400)).droppedPartitions == 1)
        // The hours of the dropped month are next.
        try await database.execute("UPDATE activity.reconcile SET next_hour = now() - interval '431 days'")
        let outcome = try await reconcile(database, followsDeletes: false)
        guard case .recounted(_, drifted: []) = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(try await events(database) == 2)
    }

    @Test func followsWhatDirectusDeleted() async throws {
        let database = try await fed("1 hour", "200 days", "300 days", "500 days", "30 years")
        #expect(try await maintain(database, .mirror).droppedPartitions == 0)
        let now = Timestamp(
            microseconds: Int64(try await database.number("SELECT extract(epoch FROM now()) * 1000000"))
        )
        let loader = DataLoader(database.sql)
        let first = try await database.client.withConnection { try await loader.load($0, now: now) }
        #expect(first.data.cube.factCount == 3)
        try await database.execute("DELETE FROM directus_activity WHERE \"timestamp\" < now() - interval '250 days'")
        #expect(try await maintain(database, .mirror).droppedPartitions == 2)
        #expect(try await events(database) == 2)
        #expect(try await database.number("SELECT count(*) FROM activity.changed_hour") == 2)
        let second = try await database.client.withConnection { try await loader.load($0, after: first, now: now) }
        #expect(second.change == .everything)
        #expect(second.data.cube.factCount == 2)
    }

    @Test func takesAnEmptyTableForNoSign() async throws {
        let database = try await fed("1 hour", "200 days")
        try await database.execute("DELETE FROM directus_activity; CREATE INDEX ON directus_activity (\"timestamp\")")
        #expect(try await maintain(database, .mirror).droppedPartitions == 0)
        _ = try await reconcile(database, followsDeletes: true)
        #expect(try await events(database) == 2)
    }

    @Test func recountsHoursBelowTheOldestRowWhenItFollowsDeletes() async throws {
        let database = try await fed("3 hours", "4 hours", "5 hours")
        try await database.execute(
            """
            CREATE INDEX ON directus_activity ("timestamp");
            DELETE FROM directus_activity WHERE "timestamp" < now() - interval '210 minutes'
            """
        )
        _ = try await reconcile(database, followsDeletes: false)
        #expect(try await events(database) == 3)
        _ = try await reconcile(database, followsDeletes: true)
        #expect(try await events(database) == 1)
    }

    @Test func leavesForTheNextRunWhatSomebodyReads() async throws {
        let database = try await fed("1 hour", "500 days", "800 days")
        try await database.execute(
            "CREATE MATERIALIZED VIEW mv_busy AS SELECT hour, sum(events) FROM activity.fact GROUP BY hour"
        )
        _ = try await maintain(database, .keep)
        try await database.client.withConnection { connection in
            // A refresh holds the same lock to its end.
            try await connection.transaction { connection in
                _ = try await connection.query("REFRESH MATERIALIZED VIEW mv_busy")
                let report = try await maintain(database, .days(400))
                #expect(report.droppedPartitions == 0)
                #expect(report.partitionsInUse == 2)
                #expect(report.description.hasPrefix("3 partitions ahead, 2 in use and left for the next run"))
            }
        }
        #expect(try await maintain(database, .days(400)).droppedPartitions == 2)
        let outcome = try await database.client.withConnection {
            try await MaterializedView("mv_busy", database.sql).refresh($0)
        }
        #expect(outcome == .refreshed(concurrently: false))
        #expect(try await database.number("SELECT count(*) FROM mv_busy") == 1)
    }

    @Test func givesWayToAFeedAndLosesNoBatch() async throws {
        let database = try await fed("1 hour", "500 days")
        try await insert(database, "2 hours")
        try await database.client.withConnection { connection in
            try await connection.transaction { connection in
                _ = try await connection.query("SELECT FROM activity.feed FOR UPDATE")
                #expect(try await maintain(database, .days(400)).partitionsInUse == 1)
            }
        }
        try await database.feed()
        #expect(try await maintain(database, .days(400)).droppedPartitions == 1)
        #expect(try await events(database) == 2)
    }

    @Test func dropsMonthsWhileTheFeedMakesThemAgain() async throws {
        let database = try await fed("1 hour")
        async let fed: Void = {
            for _ in 0..<10 {
                for age in ["2 hours", "500 days", "600 days"] { try await insert(database, age) }
                try await database.feed()
            }
        }()
        for _ in 0..<8 { _ = try await maintain(database, .days(400)) }
        try await fed
        try await database.feed()
        _ = try await maintain(database, .days(400))
        #expect(try await events(database) == 11)
        #expect(try await database.number("SELECT row_count FROM activity.feed") == 31)
    }
}
