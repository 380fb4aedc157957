import Pipeline
import PostgresClient
import TestServers
import Testing

struct MaterializedViewTests {
    private static let view = """
        CREATE MATERIALIZED VIEW mv_busy AS
        SELECT hour, sum(events) AS events FROM activity.fact GROUP BY hour WITH NO DATA;
        """
    private static let row = "INSERT INTO directus_activity (action, collection, item) VALUES ('create', 'a', 'x')"

    private func refresh(_ database: ActivityDatabase, _ name: String = "mv_busy") async throws
        -> MaterializedView.Outcome
    {
        try await database.client.withConnection { try await MaterializedView(name, database.sql).refresh($0) }
    }

    @Test func saysThatAViewIsMissing() async throws {
        let database = try await ActivityDatabase()
        #expect(try await refresh(database, "mv_nowhere") == .missing)
    }

    @Test func fillsAnEmptyViewPlainlyAndLaterKeepsReadersReading() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(Self.view + "CREATE UNIQUE INDEX ON mv_busy (hour)")
        #expect(try await refresh(database) == .refreshed(concurrently: false))
        try await database.execute(Self.row)
        try await database.feed()
        #expect(try await refresh(database) == .refreshed(concurrently: true))
        #expect(try await database.number("SELECT sum(events) FROM mv_busy") == 1)
    }

    @Test func refreshesPlainlyWithoutAUniqueIndex() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(Self.view)
        _ = try await refresh(database)
        try await database.execute(Self.row)
        try await database.feed()
        #expect(try await refresh(database) == .refreshed(concurrently: false))
    }

    @Test func doesNothingWhenNoFactHasChanged() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(Self.view)
        _ = try await refresh(database)
        try await database.feed()
        #expect(try await refresh(database) == .unchanged)
        // Made anew, it is empty again.
        try await database.execute("DROP MATERIALIZED VIEW mv_busy; " + Self.view)
        #expect(try await refresh(database) == .refreshed(concurrently: false))
    }

    @Test func neverRefreshesOneViewTwiceAtATime() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(Self.view)
        try await database.client.withConnection { connection in
            try await connection.transaction { connection in
                _ = try await connection.query(
                    "SELECT pg_advisory_xact_lock(hashtextextended('activityd refresh mv_busy', 0))"
                )
                #expect(try await refresh(database) == .busy)
            }
        }
    }

    @Test func givesUpWhenOthersKeepTheViewLocked() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(Self.view)
        _ = try await refresh(database)
        try await database.execute(Self.row)
        try await database.feed()
        try await database.client.withConnection { connection in
            try await connection.transaction { connection in
                _ = try await connection.query("SELECT * FROM mv_busy")
                await #expect {
                    try await refresh(database)
                } throws: { error in
                    (error as? PostgresError)?.sqlState == "55P03" && (error as? PostgresError)?.isRetriable == true
                }
            }
        }
        #expect(try await refresh(database) == .refreshed(concurrently: false))
    }
}
