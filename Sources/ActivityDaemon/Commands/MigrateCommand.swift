import ActivitySQL
import Pipeline
import PostgresClient

/// `activityd migrate`: brings the daemon's schema up to date.
package struct MigrateCommand: Sendable {
    private let configuration: DaemonConfiguration

    /// What a run did, or would have to do.
    package struct Report: Sendable {
        /// Roles and schemas that were made.
        package var made: [String]
        /// Migrations that were applied, or are missing.
        package var migrations: [String]
    }

    /// A command for a configuration.
    package init(_ configuration: DaemonConfiguration) {
        self.configuration = configuration
    }

    /// Makes the roles if it may and applies the migrations that are missing, or only lists these.
    ///
    /// - Parameter onlyCheck: changes nothing.
    /// - Returns: what was made and applied, or is missing.
    /// - Throws: `MigrationError`, `PostgresError`.
    package func run(onlyCheck: Bool) async throws -> Report {
        let sql = ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema)
        let postgres = PostgresClient(configuration.postgres)
        let (schema, roles) = (DaemonSchema(sql: sql), Roles(sql))
        var made: [String] = []
        let steps = try await postgres.withConnection { connection in
            guard !onlyCheck else { return try await schema.pending(connection) }
            made = try await roles.create(connection)
            return try await roles.asOwner(connection) { try await schema.migrate($0) }
        }
        await postgres.close()
        return Report(
            made: made,
            migrations: steps.map { "\($0.schema) \($0.migration.version) \($0.migration.name)" },
        )
    }
}
