import ActivitySQL
import Pipeline
import PostgresClient
import Scheduling

/// The schemas that the daemon brings along: its own, and `cron` where that is not somebody else's.
struct DaemonSchema: Sendable {
    let sql: ActivitySQL

    /// A migration with the schema that it is of.
    struct Step: Sendable {
        var schema: String
        var migration: ActivitySQL.Migration
    }

    /// Applies what is missing, and lets the reader's role read it.
    ///
    /// - Throws: `MigrationError`, `PostgresError`.
    func migrate(_ connection: PostgresConnection) async throws -> [Step] {
        var steps: [Step] = []
        for set in try await sets(connection) {
            steps += try await Migrator(set).migrate(connection).map { Step(schema: set.schema, migration: $0) }
        }
        try await Roles(sql).grant(connection)
        return steps
    }

    /// What is missing.
    ///
    /// - Throws: as `migrate`.
    func pending(_ connection: PostgresConnection) async throws -> [Step] {
        var steps: [Step] = []
        for set in try await sets(connection) {
            steps += try await Migrator(set).pending(connection).map { Step(schema: set.schema, migration: $0) }
        }
        return steps
    }

    private func sets(_ connection: PostgresConnection) async throws -> [ActivitySQL.MigrationSet] {
        guard case .unavailable = try await CronSchema.state(connection) else {
            return [sql.ownSchema, sql.cronSchema]
        }
        return [sql.ownSchema]
    }
}
