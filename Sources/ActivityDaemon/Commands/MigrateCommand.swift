import ActivitySQL
import Pipeline
import PostgresClient

/// `activityd migrate`: brings the daemon's schema up to date.
package struct MigrateCommand: Sendable {
    private let configuration: DaemonConfiguration

    /// A command for a configuration.
    package init(_ configuration: DaemonConfiguration) {
        self.configuration = configuration
    }

    /// Applies the migrations that are missing, or only lists them.
    ///
    /// - Parameter onlyCheck: changes nothing.
    /// - Returns: the names of the migrations that were applied, or that are missing.
    /// - Throws: `MigrationError`, `PostgresError`.
    package func run(onlyCheck: Bool) async throws -> [String] {
        let sql = ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema)
        let postgres = PostgresClient(configuration.postgres)
        let steps = try await postgres.withConnection { connection in
            try await onlyCheck
                ? DaemonSchema(sql: sql).pending(connection) : DaemonSchema(sql: sql).migrate(connection)
        }
        await postgres.close()
        return steps.map { "\($0.schema) \($0.migration.version) \($0.migration.name)" }
    }
}
