import ActivitySQL
import Foundation
import PostgresClient
import Synchronization
import TestServers
import Testing

@testable import Pipeline

struct SourceIndexesTests {
    private static let names = SourceIndex.wanted.map(\.name)

    // MARK: - What is missing

    @Test(arguments: ActivityDatabase.DirectusVersion.allCases)
    func buildsExactlyWhatIsMissing(version: ActivityDatabase.DirectusVersion) async throws {
        let database = try await ActivityDatabase(version)
        try await database.execute(
            "CREATE INDEX idx_activity_action_collection ON directus_activity (action, collection)"
        )
        let indexes = SourceIndexes(database.client, database.sql)
        #expect(try await indexes.build() == .done(built: Array(Self.names.dropLast()), refused: []))
        #expect(try await indexes.plan().absent.isEmpty)
        #expect(try await indexes.build() == .done(built: [], refused: []))
        #expect(try await definitions(database) == Self.definitions)
    }

    private static let definitions = [
        "idx_activity_action_collection (action, collection)",
        "idx_activity_ip_timestamp (ip, \"timestamp\" DESC) WHERE (ip IS NOT NULL)",
        "idx_activity_timestamp_collection (\"timestamp\" DESC, collection)",
        "idx_activity_user_timestamp (\"user\", \"timestamp\" DESC) WHERE (\"user\" IS NOT NULL)",
    ]

    private func definitions(_ database: ActivityDatabase) async throws -> [String] {
        try await database.client.query(
            """
            SELECT relname || regexp_replace(pg_get_indexdef(indexrelid), '.* USING btree', '')
            FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
            WHERE indisvalid AND relname LIKE 'idx\\_activity\\_%' ORDER BY relname
            """
        ).map { try $0.value(0) }
    }

    @Test(arguments: [
        (0, "(\"timestamp\" DESC, collection)", true),
        (0, "(\"timestamp\", collection DESC)", true),
        (0, "(\"timestamp\" DESC, collection varchar_ops, action)", true),
        (0, "(\"timestamp\" DESC, collection) INCLUDE (item)", true),
        (0, "(\"timestamp\" DESC, collection, id DESC)", true),
        (0, "(\"timestamp\", collection)", false),
        (0, "(\"timestamp\" DESC NULLS LAST, collection)", false),
        (0, "(collection, \"timestamp\" DESC)", false),
        (0, "(\"timestamp\" DESC) INCLUDE (collection)", false),
        (0, "(\"timestamp\" DESC, collection) WHERE action = 'create'", false),
        (0, "(\"timestamp\" DESC, collection COLLATE \"C\")", false),
        (0, "(\"timestamp\" DESC, collection text_pattern_ops)", false),
        (0, "(\"timestamp\" DESC, lower(collection))", false),
        (1, "(\"user\", \"timestamp\" DESC) WHERE \"user\" IS NOT NULL", true),
        (1, "(\"user\" DESC, \"timestamp\") WHERE \"user\" IS NOT NULL", true),
        (1, "(\"user\", \"timestamp\" DESC)", false),
        (1, "(\"user\", \"timestamp\" DESC) WHERE \"user\" IS NOT NULL AND ip IS NOT NULL", false),
        (2, "(ip, \"timestamp\" DESC) WHERE ip IS NOT NULL", true),
        (3, "(action DESC, collection DESC)", true),
        (4, "USING brin (\"timestamp\")", true),
        (4, "USING brin (\"timestamp\", id)", false),
        (4, "(\"timestamp\")", false),
    ])
    func acceptsWhatDoesTheSameUnderAnotherName(wanted: Int, definition: String, isAccepted: Bool) async throws {
        let database = try await ActivityDatabase(.v10, migrated: false)
        let unique = definition.contains("id DESC") ? "UNIQUE " : ""
        try await database.execute("CREATE \(unique)INDEX other ON directus_activity \(definition)")
        let plan = try await SourceIndexes(database.client, database.sql).plan(includingBRIN: true)
        #expect(plan.states[wanted].state == (isAccepted ? .present(name: "other") : .missing(leftOvers: [])))
        #expect(plan.absent.count == (isAccepted ? 4 : 5))
    }

    @Test func offersTheSmallIndexToVeryLargeTablesOnly() async throws {
        let database = try await ActivityDatabase()
        let indexes = SourceIndexes(database.client, database.sql)
        #expect(try await !indexes.plan().offersBRIN)
        try await database.execute("UPDATE pg_class SET reltuples = 1e7 WHERE relname = 'directus_activity'")
        #expect(try await indexes.plan().offersBRIN)
        #expect(
            try await indexes.build(includingBRIN: true)
                == .done(built: Self.names + [SourceIndex.brin.name], refused: [])
        )
        #expect(try await !indexes.plan().offersBRIN)
    }

    @Test func buildsInASchemaWithAnAwkwardName() async throws {
        let database = try await ActivityDatabase()
        let sql = ActivitySQL(source: #"Odd "na'me""#)
        try await database.execute(
            sql("CREATE SCHEMA :\"source\"; ALTER TABLE directus_activity SET SCHEMA :\"source\"")
        )
        let indexes = SourceIndexes(database.client, sql)
        try await makeInvalid("left \"over", "(action, collection)", on: sql.sourceTable, in: database)
        #expect(try await indexes.build() == .done(built: Self.names, refused: []))
        #expect(try await indexes.plan().absent.isEmpty)
    }

    // MARK: - What is in the way

    @Test func refusesANameThatSomethingElseHasAndBuildsTheOthers() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            CREATE INDEX idx_activity_timestamp_collection ON directus_activity (item);
            CREATE TABLE idx_activity_ip_timestamp ();
            """
        )
        let outcome = try await SourceIndexes(database.client, database.sql).build()
        guard case .done(let built, let refused) = outcome else { return #expect(Bool(false), "busy") }
        #expect(built == [Self.names[1], Self.names[3]])
        #expect(refused.map(\.description).count { $0.contains("USING btree (item)") } == 1)
        #expect(refused.map(\.description).count { $0.contains("table idx_activity_ip_timestamp") } == 1)
        #expect(try await database.number("SELECT count(*) FROM pg_class WHERE relname LIKE 'idx\\_activity\\_%'") == 4)
    }

    @Test func replacesWhatIsInvalidButNothingThatGuardsRows() async throws {
        let database = try await ActivityDatabase(.v10)
        let table = database.sql.sourceTable
        try await makeInvalid("same_ccnew", "(\"timestamp\" DESC, collection)", on: table, in: database)
        try await makeInvalid("idx_activity_action_collection", "(item)", on: table, in: database)
        try await makeInvalid("guard", "(action, collection, id)", unique: true, on: table, in: database)
        let indexes = SourceIndexes(database.client, database.sql)
        let states = try await indexes.plan().states.map(\.state)
        #expect(states[0] == .missing(leftOvers: ["same_ccnew"]))
        #expect(states[3] == .missing(leftOvers: ["idx_activity_action_collection"]))
        #expect(try await indexes.build() == .done(built: Self.names, refused: []))
        #expect(try await definitions(database) == Self.definitions)
        let invalid = try await database.client.query(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
        )
        #expect(try invalid.map { try $0.value(0, as: String.self) } == ["guard"])
    }

    private func makeInvalid(
        _ name: String,
        _ definition: String,
        unique: Bool = false,
        on table: String,
        in database: ActivityDatabase,
    ) async throws {
        let identifier = ActivitySQL.identifier(name)
        try await database.execute(
            """
            CREATE \(unique ? "UNIQUE " : "")INDEX \(identifier) ON \(table) \(definition);
            UPDATE pg_index SET indisvalid = false
            WHERE indexrelid = (SELECT oid FROM pg_class WHERE relname = $$\(name)$$);
            """
        )
    }

    // MARK: - Whose table it is

    @Test func handsStatementsToTheOwner() async throws {
        let database = try await ActivityDatabase(.v10)
        try await makeInvalid("left_ccnew", "(action, collection)", on: database.sql.sourceTable, in: database)
        let role = try await role(in: database)
        let indexes = SourceIndexes(role.client, database.sql)
        let refusal = try await refusal(of: indexes)
        #expect(refusal.description.hasPrefix("role \"\(role.name)\" does not own \"public\".directus_activity"))
        #expect(refusal.description.contains("let \"postgres\" run"))
        #expect(refusal.statements.count == 5)
        #expect(refusal.statements[3] == "DROP INDEX CONCURRENTLY IF EXISTS \"public\".\"left_ccnew\"")
        for statement in refusal.statements { _ = try await database.client.query(statement) }
        #expect(try await indexes.plan().statements.isEmpty)
        #expect(try await indexes.build() == .done(built: [], refused: []))
    }

    @Test func namesTheGrantThatAnOwnerLacks() async throws {
        let database = try await ActivityDatabase()
        let role = try await role(in: database)
        try await database.execute(
            "ALTER TABLE directus_activity OWNER TO \(role.name); REVOKE CREATE ON SCHEMA public FROM PUBLIC"
        )
        let indexes = SourceIndexes(role.client, database.sql)
        let grant = "GRANT CREATE ON SCHEMA \"public\" TO \"\(role.name)\""
        #expect(try await refusal(of: indexes).description.contains(grant))
        try await database.execute(grant)
        #expect(try await indexes.build() == .done(built: Self.names, refused: []))
    }

    private func refusal(of indexes: SourceIndexes) async throws -> SourceIndexError {
        try #require(await #expect(throws: SourceIndexError.self) { try await indexes.build() })
    }

    private func role(in database: ActivityDatabase) async throws -> (name: String, client: PostgresClient) {
        let name = "role_" + UUID().uuidString.lowercased().prefix(8)
        try await database.execute("CREATE ROLE \(name) LOGIN")
        return (
            name, PostgresClient(PostgresConfiguration(connectionString: database.connectionString + " user=\(name)")),
        )
    }

    // MARK: - Builds that last

    /// Runs `body` while a transaction has written to the table, which every build waits for; `body` ends it.
    private func whileSomebodyWrites<R>(
        _ database: ActivityDatabase,
        _ body: (_ writer: Int32, _ end: () async throws -> Void) async throws -> R,
    ) async throws -> R {
        let other = PostgresClient(PostgresConfiguration(connectionString: database.connectionString))
        return try await other.withConnection { connection in
            try await connection.execute(
                script: "BEGIN; INSERT INTO directus_activity (action, collection, item) VALUES ('create', 'a', 'x')"
            )
            return try await body(await connection.processID) { try await connection.execute(script: "COMMIT") }
        }
    }

    private func waitForBuilder(_ database: ActivityDatabase) async throws -> Int32 {
        let builders = """
            SELECT pid FROM pg_stat_progress_create_index
            WHERE datname = current_database() AND phase LIKE 'waiting for writers%'
            """
        try await eventually("an index is being built") { try await database.client.query(builders).rowCount == 1 }
        return try await database.client.query(builders).value(0, 0)
    }

    @Test func repairsWhatAKilledBuildLeft() async throws {
        let database = try await ActivityDatabase()
        let indexes = SourceIndexes(database.client, database.sql)
        try await whileSomebodyWrites(database) { _, end in
            let build = Task { try await indexes.build() }
            let builder = try await waitForBuilder(database)
            _ = try await database.client.query("SELECT pg_terminate_backend($1)", [.int4(builder)])
            await #expect(throws: PostgresError.self) { try await build.value }
            try await end()
        }
        #expect(try await indexes.plan().states[0].state == .missing(leftOvers: [Self.names[0]]))
        #expect(try await indexes.build() == .done(built: Self.names, refused: []))
        #expect(try await definitions(database) == Self.definitions)
    }

    @Test func endsOnTheServerTooWhenItIsCancelled() async throws {
        let database = try await ActivityDatabase()
        let indexes = SourceIndexes(database.client, database.sql)
        try await whileSomebodyWrites(database) { _, end in
            let build = Task { try await indexes.build() }
            _ = try await waitForBuilder(database)
            build.cancel()
            await #expect(throws: PostgresError.self) { try await build.value }
            try await eventually("the server has stopped") {
                try await database.number(
                    "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database()"
                ) == 0
            }
            try await end()
        }
        try await eventually("the lock is free") {
            try await indexes.build() == .done(built: Self.names, refused: [])
        }
    }

    @Test func saysHowFarItIsAndWhomItWaitsFor() async throws {
        let database = try await ActivityDatabase()
        let observations = Mutex<[PipelineObservation]>([])
        let indexes = SourceIndexes(database.client, database.sql) { observation in
            observations.withLock { $0.append(observation) }
        }
        try await whileSomebodyWrites(database) { writer, end in
            let build = Task { try await indexes.build() }
            try await eventually("the progress is told") {
                observations.withLock(\.self).contains { observation in
                    guard case .progress(let progress?) = observation else { return false }
                    let expected = "CREATE of \(Self.names[0]): waiting for writers before build, for session \(writer)"
                    return progress.description == expected
                }
            }
            try await end()
            #expect(try await build.value == .done(built: Self.names, refused: []))
        }
        let built = observations.withLock(\.self).compactMap { observation in
            if case .maintained(let upkeep) = observation { upkeep.subject } else { nil }
        }
        #expect(built == Self.names)
    }

    @Test func leavesAloneWhatSomebodyElseIsBuilding() async throws {
        let database = try await ActivityDatabase()
        let role = try await role(in: database)
        let indexes = SourceIndexes(database.client, database.sql)
        let statement = SourceIndex.wanted[0].statement(on: database.sql.sourceTable)
        try await whileSomebodyWrites(database) { _, end in
            async let build: Void = database.build(statement)
            let builder = try await waitForBuilder(database)
            #expect(try await indexes.plan().states[0].state == .underWay(session: builder))
            #expect(try await indexes.build() == .busy)
            let seenByOthers = try await SourceIndexes(role.client, database.sql).plan().states[0].state
            #expect(seenByOthers == .underWay(session: builder))
            try await end()
            try await build
        }
        #expect(try await indexes.build() == .done(built: Array(Self.names.dropFirst()), refused: []))
    }

    @Test func neverBuildsTwiceAtATime() async throws {
        let database = try await ActivityDatabase()
        let indexes = SourceIndexes(database.client, database.sql)
        try await database.client.withConnection { connection in
            try await connection.transaction { connection in
                _ = try await connection.query(
                    "SELECT pg_advisory_xact_lock(hashtextextended('activityd indexes \"public\".directus_activity', 0))"
                )
                #expect(try await indexes.build() == .busy)
            }
        }
        #expect(try await indexes.build() == .done(built: Self.names, refused: []))
        #expect(
            try await database.number(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ) == 0
        )
    }

    @Test func ignoresTheTimeoutsOfTheRole() async throws {
        let database = try await ActivityDatabase()
        let role = try await role(in: database)
        try await database.execute(
            """
            ALTER TABLE directus_activity OWNER TO \(role.name);
            GRANT CREATE ON SCHEMA public TO \(role.name);
            ALTER ROLE \(role.name) SET statement_timeout = '2s';
            """
        )
        let indexes = SourceIndexes(role.client, database.sql)
        try await whileSomebodyWrites(database) { _, end in
            let build = Task { try await indexes.build() }
            _ = try await waitForBuilder(database)
            try await eventually("more time has passed than the role has") {
                try await database.client.query(
                    """
                    SELECT clock_timestamp() - query_start > interval '2500 ms' FROM pg_stat_activity
                    WHERE pid IN (SELECT pid FROM pg_stat_progress_create_index WHERE datname = current_database())
                    """
                ).map { try $0.value(0, as: Bool.self) } == [true]
            }
            try await end()
            #expect(try await build.value == .done(built: Self.names, refused: []))
        }
        #expect(try await role.client.query("SHOW statement_timeout").value(0, 0, as: String.self) == "2s")
    }
}

extension ActivityDatabase {
    fileprivate func build(_ statement: String) async throws { _ = try await client.query(statement) }
}
