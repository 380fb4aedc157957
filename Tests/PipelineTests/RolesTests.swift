import ActivitySQL
import Foundation
import Pipeline
import PostgresClient
import TestServers
import Testing

/// What `activityd` and `activity_reader` may do: their lists, and nothing beyond. On a server of its own, since roles
/// belong to the whole server.
struct RolesTests {
    /// A server with Directus's table, migrated by its superuser as `activityd migrate` does it.
    private struct Fixture {
        let server: PostgresServer
        let database: ActivityDatabase
        let made: [String]

        init() async throws {
            server = try await PostgresServer.start()
            database = try await ActivityDatabase(migrated: false, on: server)
            let roles = Roles(database.sql)
            made = try await database.client.withConnection { [sql = database.sql] connection in
                let made = try await roles.create(connection)
                try await roles.asOwner(connection) { connection in
                    _ = try await Migrator(sql.ownSchema).migrate(connection)
                    try await roles.grant(connection)
                }
                return made
            }
        }

        func client(_ role: String) -> PostgresClient {
            PostgresClient(PostgresConfiguration(connectionString: database.connectionString + " user=\(role)"))
        }

        /// Everything in the schemas of the daemon and of Directus that a role may do something with.
        func privileges(of role: String) async throws -> Set<String> {
            let rows = try await database.client.query(
                """
                SELECT 'SCHEMA ' || nspname || ' ' || privilege
                FROM pg_namespace, unnest('{USAGE,CREATE}'::text[]) AS privilege
                WHERE nspname IN ('activity', 'public', 'cron') AND has_schema_privilege($1, oid, privilege)
                UNION ALL
                SELECT c.relname || ' ' || privilege
                FROM pg_class AS c, unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) AS privilege
                WHERE c.relnamespace IN ('activity'::regnamespace, 'public'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm')
                    AND has_table_privilege($1, c.oid, privilege)
                UNION ALL
                SELECT c.relname || ' USAGE' FROM pg_class AS c
                WHERE c.relnamespace IN ('activity'::regnamespace, 'public'::regnamespace)
                    AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege($1, c.oid, 'USAGE, UPDATE, SELECT') ELSE false END
                UNION ALL
                SELECT p.proname || '()' FROM pg_proc AS p
                WHERE p.pronamespace = 'activity'::regnamespace AND has_function_privilege($1, p.oid, 'EXECUTE')
                """,
                [.text(role)],
            )
            return Set(try rows.map { try $0.value(0, as: String.self) })
        }
    }

    @Test func aSuperuserMakesBothRolesOnce() async throws {
        let fixture = try await Fixture()
        #expect(fixture.made == ["role activityd", "schema \"activity\"", "schema \"cron\"", "role activity_reader"])
        let again = try await fixture.database.client.withConnection {
            try await Roles(fixture.database.sql).create($0)
        }
        #expect(again.isEmpty)
        let owners = try await fixture.database.number(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'activity'::regnamespace AND relowner <> 'activityd'::regrole"
        )
        #expect(owners == 0)
    }

    @Test func theReaderMayReadViewsAndNothingElse() async throws {
        let fixture = try await Fixture()
        let list = try await fixture.privileges(of: Roles.reader)
        #expect(
            list
                == Set(
                    Self.readable.map { "\($0) SELECT" } + Self.callable.map { "\($0)()" } + [
                        "SCHEMA activity USAGE", "SCHEMA public USAGE",
                    ]
                )
        )
    }

    @Test func theReaderReadsByUnqualifiedNamesAndWritesNothing() async throws {
        let fixture = try await Fixture()
        try await fixture.database.feed()
        for view in [
            MaterializedView.hourlyStats(fixture.database.sql), .dailySummary(fixture.database.sql),
            .collectionStats(fixture.database.sql),
        ] {
            _ = try await fixture.database.client.withConnection { try await view.refresh($0) }
        }
        try await fixture.database.execute("ALTER ROLE activity_reader LOGIN")
        let reader = fixture.client(Roles.reader)
        for name in Self.readable { _ = try await reader.query("SELECT * FROM \(name)") }
        for name in Self.callable { _ = try await reader.query("SELECT * FROM \(name)()") }
        for statement in [
            "SELECT * FROM fact", "SELECT * FROM directus_activity", "SELECT request_run('ingest')",
            "SELECT maintain_activity_table()",
        ] {
            await #expect {
                _ = try await reader.query(statement)
            } throws: { ($0 as? PostgresError)?.sqlState == "42501" }
        }
        await #expect {
            _ = try await reader.query("CREATE TEMP TABLE t (n int)")
        } throws: { ($0 as? PostgresError)?.sqlState == "25006" }
    }

    @Test func theDaemonReadsOneTableOfDirectusAndOwnsItsOwn() async throws {
        let fixture = try await Fixture()
        let foreign = try await fixture.privileges(of: Roles.daemon).filter {
            $0.contains("directus_") || $0.hasPrefix("SCHEMA")
        }
        #expect(
            foreign == [
                "directus_activity SELECT", "SCHEMA public USAGE", "SCHEMA activity USAGE", "SCHEMA activity CREATE",
                "SCHEMA cron USAGE", "SCHEMA cron CREATE",
            ]
        )
        let daemon = fixture.client(Roles.daemon)
        let isReadable = try await daemon.withConnection { connection in
            try await SourceTable(fixture.database.sql).check(connection)
            guard case .batch = try await fixture.database.newFeed(batchSize: 10).ingest(connection) else {
                return false
            }
            return true
        }
        #expect(isReadable)
        let role = try await daemon.query(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication FROM pg_roles WHERE rolname = current_user"
        )
        #expect(try role.value(0, 0, as: Bool.self) == false)
    }

    @Test func everybodyElseMayDoNothing() async throws {
        let fixture = try await Fixture()
        try await fixture.database.execute("CREATE ROLE somebody LOGIN")
        #expect(try await fixture.privileges(of: "somebody") == ["SCHEMA public USAGE"])
    }

    @Test func aRoleWithoutRightsMakesNoRoles() async throws {
        let server = try await PostgresServer.start()
        let database = try await ActivityDatabase(migrated: false, on: server)
        try await database.execute("CREATE ROLE plain LOGIN; CREATE SCHEMA activity AUTHORIZATION plain")
        let plain = PostgresClient(PostgresConfiguration(connectionString: database.connectionString + " user=plain"))
        #expect(try await plain.withConnection { try await Roles(database.sql).create($0) }.isEmpty)
        try await database.execute("ALTER ROLE plain CREATEROLE")
        #expect(try await plain.withConnection { try await Roles(database.sql).create($0) } == ["role activity_reader"])
    }

    /// Two databases of one server that are migrated at the same time: the first has not committed when the other looks.
    @Test func goesOnWhenAnotherDatabaseMakesTheRolesMeanwhile() async throws {
        let server = try await PostgresServer.start()
        let database = try await ActivityDatabase(migrated: false, on: server)
        let other = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: server.connectionString())
        )
        _ = try await other.query("BEGIN")
        for role in [Roles.daemon, Roles.reader] { _ = try await other.query("CREATE ROLE \(role)") }
        async let made = database.client.withConnection { try await Roles(database.sql).create($0) }
        try await eventually("it waits for the other") {
            try await database.number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == 1
        }
        _ = try await other.query("COMMIT")
        #expect(try await made == ["schema \"activity\"", "schema \"cron\""])
        let again = try await database.client.withConnection { try await Roles(database.sql).create($0) }
        #expect(again.isEmpty)
    }

    static let readable = [
        "mv_activity_hourly_stats", "mv_activity_daily_summary", "mv_activity_collection_stats",
        "v_activity_index_stats", "v_activity_table_stats", "v_activity_slow_queries",
    ]
    static let callable = [
        "get_ip_activity_stats", "get_user_engagement_metrics", "detect_activity_anomalies",
        "test_activity_query_performance", "activity_index_stats", "activity_table_stats", "activity_slow_queries",
    ]
}
