import PostgresClient
import TestServers
import Testing

/// `v_activity_slow_queries`; wants a server with the extension pg_stat_statements at hand.
struct SlowQueryViewTests {
    private static let slowQueries = "activity.v_activity_slow_queries WHERE query LIKE '%pg_sleep%' ORDER BY query"

    @Test func showsSlowQueriesWhileTheExtensionIsThere() async throws {
        let server = try await PostgresServer.start(settings: ["shared_preload_libraries": "pg_stat_statements"])
        let database = try await ActivityDatabase(on: server)
        #expect(try await database.lines("query", from: Self.slowQueries) == [])
        try await database.execute(
            """
            CREATE SCHEMA reactivity CREATE TABLE feed ();
            CREATE SCHEMA "od'd";
            CREATE EXTENSION pg_stat_statements SCHEMA "od'd";
            """
        )
        for statement in [
            "SELECT count(*), pg_sleep(0.11) FROM directus_activity", "SELECT batch, pg_sleep(0.11) FROM activity.feed",
            "SELECT last_id, pg_sleep(0.11) FROM \"activity\" . feed",
            "SELECT 1, pg_sleep(0.11) FROM pg_stat_activity LIMIT 1", "SELECT pg_sleep(0) FROM activity.feed",
            "SELECT pg_sleep(0.11), count(*) FROM reactivity.feed",
        ] {
            _ = try await database.client.query(statement)
        }
        #expect(
            try await database.lines("query, calls, rows, mean_exec_time >= 100", from: Self.slowQueries) == [
                "SELECT batch, pg_sleep($1) FROM activity.feed 1 1 t",
                "SELECT count(*), pg_sleep($1) FROM directus_activity 1 1 t",
                "SELECT last_id, pg_sleep($1) FROM \"activity\" . feed 1 1 t",
            ]
        )
        try await database.execute("DROP EXTENSION pg_stat_statements")
        #expect(try await database.lines("query", from: Self.slowQueries) == [])
        try await server.stop()
    }

    @Test func showsNoSlowQueriesWhenTheServerHasNotLoadedTheExtension() async throws {
        let database = try await ActivityDatabase()
        try await database.execute("CREATE EXTENSION pg_stat_statements")
        #expect(try await database.lines("query", from: "activity.v_activity_slow_queries") == [])
    }
}
