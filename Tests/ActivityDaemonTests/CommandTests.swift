import Foundation
import PostgresClient
import TestServers
import Testing

/// The program's commands, their output and their exit codes.
struct CommandTests {
    @Test(
        arguments: [
            (["run", "--set", "log.levle=debug"], 78, "did you mean log.level?"),
            (["run", "--set", "http.listen=0.0.0.0:3000"], 78, "http.allowAnonymous"),
            (["run", "--set", "http.tokens=a:read:b"], 78, "as activityd token create prints it"),
            (["run", "--config", "/nowhere.yaml"], 78, "/nowhere.yaml"),
            (["run", "--set", "database.url=host=a b"], 78, "the connection string is not understood"),
            (["run", "--set", "database.readUrl=host=a b"], 78, "the connection string is not understood"),
            (["run", "--set", "redis.url=redis://:x@:y:z"], 78, "redis"),
            (["openapi", "--json"], 0, "\"openapi\":"),
            (["run", "--set", "nonsense"], 64, "accepted is KEY=VALUE"),
            (["precompute"], 64, "--once"),
            (["migrate", "--brin"], 64, "--indexes"),
            (["token", "create", "--id", "a"], 64, "--scope"),
            (["token", "create", "--id", "A", "--scope", "read"], 64, "1 to 32 lower-case letters"),
            (["token", "create", "--id", "a", "--scope", "write"], 64, "read"),
            (["migrate", "--set", "database.url=host=/nowhere"], 69, "/nowhere"),
        ] as [([String], Int32, String)]
    )
    func endsWithACodeAndAReason(arguments: [String], code: Int32, reason: String) async throws {
        let run = try await ProgramRun(arguments)
        #expect(run.code == code)
        #expect(run.output.contains(reason), "\(run.output)")
    }

    @Test func makesATokenThatTheConfigurationTakes() async throws {
        let create = ["token", "create", "--id", "directus-1", "--scope", "ingest", "--scope", "read"]
        let run = try await ProgramRun(create)
        #expect(run.code == 0, "\(run.output)")
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 4 && lines[0].hasPrefix("actd_directus-1_"), "\(run.output)")
        #expect(lines[1...2] == ["http:", "  tokens:"])
        let grant = String(lines[3].dropFirst("    - ".count))
        #expect(grant.hasPrefix("directus-1:read+ingest:"))
        #expect(
            try await ProgramRun(["jobs", "--set", "http.tokens=\(grant)", "--set", "database.url=host=/nowhere"]).code
                == 69
        )
        #expect(try await ProgramRun(create).output != run.output)
    }

    @Test func refusesTheSchemaOfANewerProgram() async throws {
        let database = try await migratedDatabase()
        try await execute("INSERT INTO activity.schema_migration VALUES (9999, 'future', '')", in: database)
        let run = try await ProgramRun(["migrate", "--set", "database.url=\(database)"])
        #expect(run.code == 65)
        #expect(run.output.contains("install the newer activityd"))
    }

    @Test func checksEverythingAndComputesOnce() async throws {
        let database = try await migratedDatabase()
        let redis = try await RedisServer.shared
        let settings = [
            "--set", "database.url=\(database)", "--set", "redis.url=\(redis.url)", "--set", "redis.prefix=once:",
        ]
        let check = try await ProgramRun(["check"] + settings)
        #expect(check.code == 0, "\(check.output)")
        #expect(check.output.split(separator: "\n").allSatisfy { $0.hasPrefix("ok") })
        let once = try await ProgramRun(["precompute", "--once"] + settings)
        #expect(once.code == 0, "\(once.output)")
        #expect(once.output.contains("fed 3 rows"))
    }

    @Test func buildsTheIndexesThatAreMissing() async throws {
        let settings = ["--set", "database.url=\(try await migratedDatabase())"]
        let before = try await ProgramRun(
            ["check", "--set", "redis.url=\(try await RedisServer.shared.url)"] + settings
        )
        #expect(before.code == 0)
        #expect(
            before.output.contains("ok   indexes: missing idx_activity_timestamp_collection, "),
            "\(before.output)",
        )
        let missing = try await ProgramRun(["migrate", "--check", "--indexes"] + settings)
        #expect(missing.code == 1)
        #expect(missing.output.split(separator: "\n").count { $0.contains("  missing") } == 4, "\(missing.output)")
        let built = try await ProgramRun(["migrate", "--indexes", "--brin"] + settings)
        #expect(built.code == 0)
        #expect(built.output.split(separator: "\n").count { $0.contains("  built") } == 5, "\(built.output)")
        let again = try await ProgramRun(["migrate", "--check", "--indexes", "--json"] + settings)
        #expect(again.code == 0)
        #expect(again.output.split(separator: "\n").count { $0.contains("\"state\" : \"present\"") } == 4)
    }

    @Test func saysWhichNameIsTaken() async throws {
        let database = try await migratedDatabase()
        try await execute("CREATE INDEX idx_activity_ip_timestamp ON directus_activity (item)", in: database)
        let run = try await ProgramRun(["migrate", "--indexes", "--set", "database.url=\(database)"])
        #expect(run.code == 78)
        #expect(run.output.contains("idx_activity_ip_timestamp is the name of something else"), "\(run.output)")
        #expect(run.output.split(separator: "\n").count { $0.contains("  built") } == 3)
    }

    @Test func printsStatementsForTheOwnerOfTheTable() async throws {
        let database = try await migratedDatabase()
        try await execute("DROP ROLE IF EXISTS no_owner; CREATE ROLE no_owner LOGIN", in: database)
        let settings = ["--set", "database.url=\(database) user=no_owner"]
        let refused = try await ProgramRun(["migrate", "--indexes"] + settings)
        #expect(refused.code == 78)
        #expect(refused.output.contains("activityd: role \"no_owner\" does not own \"public\".directus_activity"))
        let json = try await ProgramRun(["migrate", "--indexes", "--json"] + settings)
        #expect(json.code == 78)
        #expect(json.output.contains("CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_activity_action_collection"))
        let statements = refused.output.split(separator: "\n").filter { $0.hasPrefix("CREATE INDEX CONCURRENTLY") }
        #expect(statements.count == 4 && statements.allSatisfy { $0.hasSuffix(";") })
        for statement in statements { try await execute(String(statement), in: database) }
        #expect(try await ProgramRun(["migrate", "--indexes"] + settings).code == 0)
    }

    @Test func saysWhichCheckFailed() async throws {
        let database = try await migratedDatabase()
        try await execute("DROP TABLE directus_activity", in: database)
        let run = try await ProgramRun([
            "check", "--set", "database.url=\(database)", "--set", "redis.url=redis://127.0.0.1:1",
        ])
        #expect(run.code == 1)
        #expect(run.output.contains("FAIL directus_activity: table \"public\".directus_activity does not exist"))
        #expect(run.output.contains("FAIL redis"))
        #expect(run.output.contains("ok   postgres"))
    }

    @Test func namesWhatIsLeftOfThePredecessor() async throws {
        let database = try await migratedDatabase()
        let check = [
            "check", "--set", "redis.url=\(try await RedisServer.shared.url)", "--set", "database.url=\(database)",
        ]
        #expect(try await !ProgramRun(check).output.contains("predecessor"))
        try await execute(
            """
            CREATE MATERIALIZED VIEW mv_activity_daily_summary AS SELECT 1;
            CREATE VIEW v_activity_table_stats AS SELECT 1;
            CREATE FUNCTION get_ip_activity_stats(p_days integer, p_limit integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
            SELECT cron.schedule('it''s', '0 1 * * *', 'refresh materialized view concurrently MV_ACTIVITY_DAILY_SUMMARY');
            SELECT cron.schedule('theirs', '0 1 * * *', 'SELECT 1');
            """,
            in: database,
        )
        let run = try await ProgramRun(check)
        #expect(run.code == 0)
        let line = run.output.split(separator: "\n").first { $0.hasPrefix("ok   predecessor: ") }
        for expected in [
            "DROP FUNCTION public.get_ip_activity_stats(p_days integer, p_limit integer); "
                + "DROP MATERIALIZED VIEW public.mv_activity_daily_summary; DROP VIEW public.v_activity_table_stats",
            "cron.job 1 (it's) does the work of our job refresh-daily-summary: SELECT cron.unschedule(1)",
        ] {
            #expect(line?.contains(expected) ?? false, "\(run.output)")
        }
        #expect(!run.output.contains("theirs"))
        try await execute("DROP MATERIALIZED VIEW public.mv_activity_daily_summary", in: database)
    }

    private func migratedDatabase() async throws -> String {
        let server = try await PostgresServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        try await execute(
            """
            CREATE TABLE directus_activity (
                id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
                "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50),
                collection varchar(64) NOT NULL, item varchar(255) NOT NULL
            );
            INSERT INTO directus_activity (action, collection, item) SELECT 'create', 'a', 'x' FROM generate_series(1, 3);
            """,
            in: database,
        )
        let run = try await ProgramRun(["migrate", "--set", "database.url=\(database)"])
        try #require(run.code == 0, "\(run.output)")
        return database
    }

    private func execute(_ script: String, in database: String) async throws {
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        _ = try await client.withConnection { try await $0.execute(script: script) }
        await client.close()
    }
}
