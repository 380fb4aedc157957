import Pipeline
import PostgresClient
import Testing

/// The cases that a cursor on ids alone gets wrong, one by one.
struct FeedTests {
    private static let row =
        "INSERT INTO directus_activity (action, \"timestamp\", collection, item) VALUES ('create', now(), 'a', 'x')"

    @Test func countsARowThatCommitsAfterALaterOne() async throws {
        let database = try await ActivityDatabase()
        let late = try await writer(to: database)
        _ = try await late.query("BEGIN")
        _ = try await late.query(Self.row)
        try await database.execute(Self.row)
        #expect(try await database.feed() == 1)
        #expect(try await database.feed() == 0)
        _ = try await late.query("COMMIT")
        #expect(try await database.feed() == 1)
        #expect(try await gaps(database) == 0)
    }

    @Test func closesTheGapOfARollback() async throws {
        let database = try await ActivityDatabase()
        let late = try await writer(to: database)
        _ = try await late.query("BEGIN")
        _ = try await late.query(Self.row)
        try await database.execute(Self.row)
        try await database.feed()
        #expect(try await gaps(database) == 1)
        _ = try await late.query("ROLLBACK")
        #expect(try await database.feed() == 0)
        #expect(try await gaps(database) == 0)
    }

    @Test func keepsAGapOpenWhileItsTransactionIsPrepared() async throws {
        let database = try await ActivityDatabase()
        let late = try await writer(to: database)
        _ = try await late.query("BEGIN")
        _ = try await late.query(Self.row)
        try await database.execute(Self.row)
        try await database.feed()
        _ = try await late.query("PREPARE TRANSACTION 'prepared_in_a_gap'")
        #expect(try await database.feed() == 0)
        #expect(try await gaps(database) == 1)
        _ = try await late.query("COMMIT PREPARED 'prepared_in_a_gap'")
        #expect(try await database.feed() == 1)
        #expect(try await gaps(database) == 0)
    }

    /// `nextval` runs before the transaction has an xid, so a snapshot's xmin would say that nobody is writing.
    @Test func waitsForATransactionThatHasDrawnAnIdButNoTransactionId() async throws {
        let database = try await ActivityDatabase()
        let late = try await writer(to: database)
        _ = try await late.query("BEGIN")
        _ = try await late.query("LOCK TABLE directus_activity IN ROW EXCLUSIVE MODE")
        let id: Int64 = try await late.query("SELECT nextval('directus_activity_id_seq')").value(0, 0)
        try await database.execute(Self.row)
        #expect(try await database.feed() == 1)
        _ = try await late.query(
            "INSERT INTO directus_activity (id, action, \"timestamp\", collection, item) "
                + "VALUES (\(id), 'create', now(), 'a', 'x')"
        )
        _ = try await late.query("COMMIT")
        #expect(try await database.feed() == 1)
    }

    @Test func splitsAGapAroundTheRowsThatCame() async throws {
        let database = try await ActivityDatabase()
        let first = try await writer(to: database)
        let second = try await writer(to: database)
        _ = try await first.query("BEGIN")
        _ = try await second.query("BEGIN")
        for writer in [first, second, first, second, first] { _ = try await writer.query(Self.row) }
        try await database.execute(Self.row)
        #expect(try await database.feed() == 1)
        _ = try await second.query("COMMIT")
        #expect(try await database.feed() == 2)
        #expect(try await gaps(database) == 3)
        _ = try await first.query("COMMIT")
        #expect(try await database.feed() == 3)
        #expect(try await gaps(database) == 0)
    }

    @Test func looksAtALargeJumpOfIdsAsOneGap() async throws {
        let database = try await ActivityDatabase()
        let late = try await writer(to: database)
        _ = try await late.query("BEGIN")
        _ = try await late.query(Self.row)
        try await database.execute("SELECT setval('directus_activity_id_seq', 2000000000); \(Self.row)")
        try await database.feed()
        #expect(try await gaps(database) == 1)
        _ = try await late.query("COMMIT")
        #expect(try await database.feed() == 1)
        #expect(try await gaps(database) == 0)
    }

    @Test func leavesTheWorkToADaemonThatHoldsTheLock() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(Self.row)
        let other = try await writer(to: database)
        _ = try await other.query("BEGIN")
        _ = try await other.query("SELECT * FROM activity.feed FOR UPDATE")
        #expect(try await database.ingest() == .busy)
        _ = try await other.query("ROLLBACK")
        #expect(try await database.feed() == 1)
    }

    @Test func putsEveryMonthIntoItsPartitionAndWrongClocksIntoTheDefault() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", collection, item)
            SELECT 'create', moment::timestamptz, 'a', 'x'
            FROM unnest('{1970-01-01Z,2019-12-31T23:59:59.999Z,2020-01-01Z,2100-01-01Z,infinity,-infinity}'::text[]) AS moment
            """
        )
        #expect(try await database.feed() == 6)
        #expect(try await database.number("SELECT count(*) FROM activity.fact_2019_12") == 1)
        #expect(try await database.number("SELECT count(*) FROM activity.fact_2020_01") == 1)
        #expect(try await database.number("SELECT count(*) FROM activity.fact_default") == 4)
    }

    @Test func movesOddRowsIntoThePartitionOfTheirMonthWhenItIsMade() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO activity.fact VALUES ('2031-05-05T05:00Z', 1, 1, 0, 0, 3, '2031-05-05T05:00Z', '2031-05-05T05:00Z');
            SELECT activity.ensure_fact_partition('2031-05-20Z');
            """
        )
        #expect(try await database.number("SELECT events FROM activity.fact_2031_05") == 3)
        #expect(try await database.number("SELECT count(*) FROM activity.fact_default") == 0)
    }

    @Test func forgetsSecondsThatNoWindowReaches() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO activity.recent_fact VALUES (now() - interval '26 hours', 1, 1, 1, 1, 0);
            INSERT INTO directus_activity (action, ip, collection, item) VALUES ('create', '10.0.0.1', 'a', 'x');
            """
        )
        try await database.feed()
        #expect(try await database.number("SELECT count(*) FROM activity.recent_fact") == 1)
    }

    private func gaps(_ database: ActivityDatabase) async throws -> Int {
        try await database.number("SELECT count(*) FROM activity.feed_gap")
    }

    private func writer(to database: ActivityDatabase) async throws -> PostgresConnection {
        try await PostgresConnection.connect(PostgresConfiguration(connectionString: database.connectionString))
    }
}
