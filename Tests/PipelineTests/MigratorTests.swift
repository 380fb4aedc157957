import ActivitySQL
import Detection
import Foundation
import Pipeline
import PostgresClient
import TestServers
import Testing

struct MigratorTests {
    @Test func appliesEachMigrationOnce() async throws {
        let database = try await ActivityDatabase(migrated: false)
        let first = try await migrate(database)
        #expect(first.map(\.version) == database.sql.ownSchema.migrations.map(\.version))
        #expect(try await migrate(database).isEmpty)
        #expect(
            try await database.client.withConnection { try await Migrator(database.sql.ownSchema).pending($0) }.isEmpty
        )
    }

    @Test func lettingSeveralDaemonsStartAtOnceMigratesOnce() async throws {
        let database = try await ActivityDatabase(migrated: false)
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 { group.addTask { try await migrate(database).count } }
            return try await group.reduce(0, +)
        }
        #expect(applied == database.sql.ownSchema.migrations.count)
    }

    @Test func aMigrationThatWasInterruptedLeavesNothingAndIsDoneByTheNext() async throws {
        let database = try await ActivityDatabase(migrated: false)
        // Keeps it waiting after its first tables, at its first function.
        try await database.client.withConnection { blocker in
            try await blocker.transaction { blocker in
                _ = try await blocker.query("LOCK TABLE pg_catalog.pg_proc IN SHARE MODE")
                let migration = Task { try await migrate(database) }
                let waiting = "pid FROM pg_locks WHERE relation = 'pg_catalog.pg_proc'::regclass AND NOT granted"
                try await eventually("the migration waits") {
                    try await database.number("SELECT count(*) FROM (SELECT \(waiting)) AS waiting") == 1
                }
                _ = try await blocker.query("SELECT pg_terminate_backend(pid) FROM (SELECT \(waiting)) AS waiting")
                await #expect(throws: PostgresError.self) { try await migration.value }
            }
        }
        #expect(try await database.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'activity'") == 0)
        #expect(try await migrate(database).count == database.sql.ownSchema.migrations.count)
    }

    @Test func refusesASchemaOfANewerProgram() async throws {
        let database = try await ActivityDatabase()
        try await database.execute("INSERT INTO activity.schema_migration VALUES (9999, 'future', '')")
        await #expect(throws: MigrationError.newerSchema(schema: "activity", version: 9999, known: newestVersion)) {
            try await migrate(database)
        }
    }

    @Test func refusesAMigrationWhoseTextChanged() async throws {
        let database = try await ActivityDatabase()
        try await database.execute("UPDATE activity.schema_migration SET checksum = 'other' WHERE version = 1")
        await #expect(throws: MigrationError.changedMigration(version: 1, name: "roll_up")) {
            try await migrate(database)
        }
    }

    @Test func namesThePrivilegeThatIsMissing() async throws {
        let database = try await ActivityDatabase(migrated: false)
        let role = try await role(in: database, owningSchema: false)
        await #expect {
            try await role.withConnection { _ = try await Migrator(database.sql.ownSchema).migrate($0) }
        } throws: { error in
            "\(error)".contains("permission denied") && "\(error)".contains("CREATE SCHEMA \"activity\" AUTHORIZATION")
        }
    }

    @Test func worksForARoleThatOwnsOnlyItsSchema() async throws {
        let database = try await ActivityDatabase(migrated: false)
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", collection, item) VALUES ('create', now(), 'a', 'x');
            """
        )
        let role = try await role(in: database, owningSchema: true)
        let outcome = try await role.withConnection { connection in
            _ = try await Migrator(database.sql.ownSchema).migrate(connection)
            try await SourceTable(database.sql).check(connection)
            return try await database.newFeed(batchSize: 10).ingest(connection)
        }
        guard case .batch(let batch) = outcome else { return #expect(Bool(false), "busy") }
        #expect(batch.rows == 1)
    }

    @Test func migratesIntoASchemaWithAnAwkwardName() async throws {
        let database = try await ActivityDatabase(migrated: false)
        let sql = ActivitySQL(schema: #"Odd "na'me""#)
        try await database.execute(
            "INSERT INTO directus_activity (action, \"timestamp\", collection, item) VALUES ('create', now(), 'a', 'x')"
        )
        let outcome = try await database.client.withConnection { connection in
            _ = try await Migrator(sql.ownSchema).migrate(connection)
            return try await Feed(
                sql,
                batchSize: 10,
                detection: FeedDetection(sql, settings: { DetectionSettings() }),
            ).ingest(connection)
        }
        guard case .batch(let batch) = outcome else { return #expect(Bool(false), "busy") }
        #expect(batch.rows == 1)
    }

    @Test func compilesEveryMigrationFileIn() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../sql/migrations")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.standardized.path).sorted()
        let compiled = ActivitySQL().ownSchema.migrations.map { migration in
            String(repeating: "0", count: 4 - "\(migration.version)".count)
                + "\(migration.version)_\(migration.name).sql"
        }
        #expect(files == compiled)
    }

    private var newestVersion: Int32 { ActivitySQL().ownSchema.migrations.last?.version ?? 0 }

    @discardableResult
    private func migrate(_ database: ActivityDatabase) async throws -> [ActivitySQL.Migration] {
        try await database.client.withConnection { try await Migrator(database.sql.ownSchema).migrate($0) }
    }

    /// A client of a fresh role that may read Directus's table and nothing else.
    private func role(in database: ActivityDatabase, owningSchema: Bool) async throws -> PostgresClient {
        let name = "role_" + UUID().uuidString.lowercased().prefix(8)
        try await database.execute(
            """
            CREATE ROLE \(name) LOGIN;
            GRANT SELECT ON directus_activity TO \(name);
            \(owningSchema ? "CREATE SCHEMA activity AUTHORIZATION \(name)" : "")
            """
        )
        return PostgresClient(PostgresConfiguration(connectionString: database.connectionString + " user=\(name)"))
    }
}
