import Pipeline
import PostgresClient
import Synchronization
import TestServers
import Testing

struct IndexRebuildTests {
    private final class Told: Sendable {
        let progress = Mutex<[ServerProgress?]>([])
        var all: [ServerProgress?] { progress.withLock(\.self) }
        /// The first that waits for somebody.
        var waiting: ServerProgress? { all.compactMap(\.self).first { $0.waitsFor != nil } }
    }

    private func rebuild(
        _ database: ActivityDatabase,
        observe: @escaping @Sendable (PipelineObservation) -> Void = { _ in },
    ) async throws -> IndexRebuild.Report {
        try await IndexRebuild(database.client, database.sql, observe: observe).run()
    }

    private func pages(_ database: ActivityDatabase, _ index: String) async throws -> Int {
        try await database.number("SELECT pg_relation_size('activity.\(index)'::regclass) / 8192")
    }

    /// An index that a failed CREATE INDEX CONCURRENTLY might have left.
    private static let invalid = """
        CREATE INDEX feed_batch_idx ON activity.feed (batch);
        UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'activity.feed_batch_idx'::regclass;
        """

    @Test func rebuildsABloatedIndexAndNoOther() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            CREATE TABLE activity.grown (key text CONSTRAINT grown_pkey PRIMARY KEY, number integer)
                WITH (autovacuum_enabled = false);
            CREATE TABLE activity.filled (key text CONSTRAINT filled_pkey PRIMARY KEY) WITH (autovacuum_enabled = false);
            INSERT INTO activity.grown SELECT md5(n::text), n FROM generate_series(1, 300000) AS n;
            INSERT INTO activity.filled SELECT md5(n::text) FROM generate_series(1, 300000) AS n;
            DELETE FROM activity.grown WHERE number % 8 > 0;
            CREATE INDEX grown_number_idx ON activity.grown (number);
            """
        )
        for table in ["grown", "filled"] { try await database.execute("VACUUM (ANALYZE) activity.\(table)") }
        let before = try await pages(database, "grown_pkey")
        #expect(before > 1_024)
        #expect(try await pages(database, "filled_pkey") > 1_024)
        let report = try await rebuild(database)
        #expect(report.rebuilt.map(\.subject) == ["activity.grown_pkey"])
        #expect(report.description.hasPrefix("rebuilt activity.grown_pkey (8") || report.description.contains("(9"))
        #expect(report.description.hasSuffix(" MB is air)"))
        #expect(try await pages(database, "grown_pkey") < before / 4)
        #expect(try await rebuild(database).isEmpty)
    }

    @Test func leavesAnIndexAloneThatHasGrownSinceItsTableWasAnalyzed() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            CREATE TABLE activity.grown (key text CONSTRAINT grown_pkey PRIMARY KEY) WITH (autovacuum_enabled = false);
            INSERT INTO activity.grown SELECT md5(n::text) FROM generate_series(1, 1000) AS n;
            """
        )
        try await database.execute("VACUUM (ANALYZE) activity.grown")
        try await database.execute(
            "INSERT INTO activity.grown SELECT md5(n::text) FROM generate_series(1001, 300000) AS n"
        )
        try await eventually("the statistics know of it") {
            try await database.number("SELECT pg_stat_get_live_tuples('activity.grown'::regclass)") > 1_000
        }
        #expect(try await rebuild(database).isEmpty)
    }

    @Test func rebuildsAnInvalidIndex() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(Self.invalid)
        #expect(try await rebuild(database).description == "rebuilt activity.feed_batch_idx (invalid)")
        #expect(try await rebuild(database).isEmpty)
    }

    @Test func dropsWhatAnInterruptedRebuildLeft() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            CREATE INDEX feed_left_ccnew ON activity.feed (last_id);
            UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'activity.feed_left_ccnew'::regclass;
            """
        )
        #expect(try await rebuild(database).description == "dropped what 1 interrupted rebuild left")
        #expect(try await database.number("SELECT count(*) FROM pg_class WHERE relname = 'feed_left_ccnew'") == 0)
    }

    @Test func tellsHowFarItIsAndIsLeftInPeaceByOthers() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(Self.invalid)
        let told = Told()
        try await database.client.withConnection { connection in
            // A rebuild waits for those who are writing.
            try await connection.execute(script: "BEGIN; UPDATE activity.feed SET last_id = last_id")
            async let first = rebuild(database) { observation in
                if case .progress(let progress) = observation { told.progress.withLock { $0.append(progress) } }
            }
            try await eventually("the rebuild has told whom it waits for") { told.waiting != nil }
            // What it builds looks like a left-over.
            #expect(try await rebuild(database).description == "2 indexes in use and left for the next run")
            try await connection.execute(script: "COMMIT")
            #expect(try await first.rebuilt.count == 1)
        }
        let progress = try #require(told.waiting)
        let expected = "REINDEX of activity.feed_batch_idx: waiting for writers before build, for session"
        #expect(progress.description.hasPrefix(expected))
        #expect(told.all.last == .some(nil))
    }
}
