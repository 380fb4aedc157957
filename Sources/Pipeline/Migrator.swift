package import ActivitySQL
package import PostgresClient

/// Brings a schema of the daemon's to the version that this program knows.
///
/// Every migration runs in one transaction under an advisory lock, so any number of daemons may start at once. The
/// checksum of each is recorded: a file that was changed after it ran is refused, as is a schema that is newer.
package struct Migrator: Sendable {
    private let migrationSet: ActivitySQL.MigrationSet

    /// A migrator for a schema.
    package init(_ migrationSet: ActivitySQL.MigrationSet) {
        self.migrationSet = migrationSet
    }

    /// Applies the migrations that are missing.
    ///
    /// - Returns: the migrations that were applied, none when the schema was current.
    /// - Throws: `MigrationError` when the schema cannot be brought to this version, `PostgresError` from the server.
    package func migrate(_ connection: PostgresConnection) async throws -> [ActivitySQL.Migration] {
        try await connection.transaction { try await migrate(inTransaction: $0) }
    }

    /// The same inside a transaction of the caller.
    ///
    /// - Throws: as `migrate`.
    package func migrate(inTransaction connection: PostgresConnection) async throws -> [ActivitySQL.Migration] {
        _ = try await connection.query(
            "SELECT pg_advisory_xact_lock(hashtextextended('activityd migrate ' || $1, 0))",
            [.text(migrationSet.schema)],
        )
        try await createLedger(connection)
        let due = try await pending(connection)
        for migration in due { try await apply(migration, connection) }
        return due
    }

    /// The migrations that are missing, without applying them.
    ///
    /// - Throws: as `migrate`.
    package func pending(_ connection: PostgresConnection) async throws -> [ActivitySQL.Migration] {
        guard try await exists(ledger: connection) else { return migrationSet.migrations }
        let applied = try await connection.query(
            statement("SELECT version, checksum FROM :\"schema\".schema_migration ORDER BY version")
        )
        for row in 0..<applied.rowCount {
            let version: Int32 = try applied.value(row, 0)
            guard let known = migrationSet.migrations.first(where: { $0.version == version }) else {
                throw MigrationError.newerSchema(schema: migrationSet.schema, version: version, known: newestVersion)
            }
            guard try await checksum(of: known, connection) == applied.value(row, 1, as: String.self) else {
                throw MigrationError.changedMigration(version: version, name: known.name)
            }
        }
        return Array(migrationSet.migrations.dropFirst(applied.rowCount))
    }

    private func statement(_ text: String) -> String { ActivitySQL(schema: migrationSet.schema)(text) }

    private var newestVersion: Int32 { migrationSet.migrations.last?.version ?? 0 }

    private func exists(ledger connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            "SELECT to_regclass($1) IS NOT NULL",
            [.text(ActivitySQL.identifier(migrationSet.schema) + ".schema_migration")],
        ).value(0, 0)
    }

    /// `CREATE SCHEMA IF NOT EXISTS` wants the privilege to create even when the schema is there.
    private func createLedger(_ connection: PostgresConnection) async throws {
        if try await connection.query("SELECT to_regnamespace($1) IS NULL", [.text(identifier)]).value(0, 0) {
            try await asOwner { try await connection.execute(script: statement("CREATE SCHEMA :\"schema\"")) }
        }
        guard try await !exists(ledger: connection) else { return }
        try await asOwner {
            try await connection.execute(
                script: statement(
                    """
                    CREATE TABLE :"schema".schema_migration (
                        version integer CONSTRAINT schema_migration_pkey PRIMARY KEY,
                        name text NOT NULL,
                        checksum text NOT NULL,
                        applied_at timestamptz NOT NULL DEFAULT now()
                    )
                    """
                )
            )
        }
    }

    private func apply(_ migration: ActivitySQL.Migration, _ connection: PostgresConnection) async throws {
        try await asOwner { try await connection.execute(script: migration.script) }
        _ = try await connection.query(
            statement("INSERT INTO :\"schema\".schema_migration (version, name, checksum) VALUES ($1, $2, $3)"),
            [.int4(migration.version), .text(migration.name), .text(try await checksum(of: migration, connection))],
        )
    }

    /// Of the script with its placeholders filled in; the server has SHA-256, so that no library is needed for it.
    private func checksum(of migration: ActivitySQL.Migration, _ connection: PostgresConnection) async throws -> String
    {
        try await connection.query(
            "SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')",
            [.text(migration.script)],
        ).value(0, 0)
    }

    private var identifier: String { ActivitySQL.identifier(migrationSet.schema) }

    /// Turns "permission denied" into what the administrator has to grant.
    private func asOwner(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw MigrationError.missingPrivilege(schema: migrationSet.schema, refused: error.message)
        }
    }
}

/// Why the schema could not be brought to this program's version.
package enum MigrationError: Error, Equatable, CustomStringConvertible {
    /// A newer program has been here.
    case newerSchema(schema: String, version: Int32, known: Int32)
    /// A migration's text is not the one that was applied.
    case changedMigration(version: Int32, name: String)
    /// The role may not do what a migration needs.
    case missingPrivilege(schema: String, refused: String)

    /// Whether it stays so until another program is installed or the schema is restored; a privilege may be granted.
    package var isFinal: Bool {
        switch self {
        case .newerSchema, .changedMigration: true
        case .missingPrivilege: false
        }
    }

    package var description: String {
        switch self {
        case .newerSchema(let schema, let version, let known):
            "schema \"\(schema)\" is at version \(version), this program knows versions up to \(known): "
                + "install the newer activityd, or restore the schema that fits this one"
        case .changedMigration(let version, let name):
            "migration \(version) (\(name)) was applied with another text: this program was not built from a release"
        case .missingPrivilege(let schema, let refused):
            "\(refused): the role must own schema \"\(schema)\"; as an administrator run "
                + "CREATE SCHEMA \(ActivitySQL.identifier(schema)) AUTHORIZATION the_role"
        }
    }
}
