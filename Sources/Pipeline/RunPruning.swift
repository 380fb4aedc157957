import ActivitySQL
import PostgresClient

/// Deletes the old history of jobs: a step of the job `maintain`.
struct RunPruning: Sendable {
    private let sql: ActivitySQL
    private let retention: Duration

    /// Runs of jobs that follow each other within a minute are kept for so long at most, if nothing went wrong.
    private static let shortRetention = Duration.seconds(86_400)
    /// Rows deleted in one transaction.
    private static let batch: Int64 = 10_000

    init(_ sql: ActivitySQL, _ retention: Duration) {
        self.sql = sql
        self.retention = retention
    }

    /// Deletes from `job_run` and `cron.job_run_details`.
    ///
    /// - Returns: rows deleted.
    /// - Throws: `PostgresError`; what was deleted before stays so.
    func run(_ connection: PostgresConnection) async throws -> Int {
        var pruned = try await delete(
            connection,
            """
            DELETE FROM :"schema".job_run WHERE id IN (
                SELECT id FROM :"schema".job_run
                WHERE status NOT IN ('queued', 'claimed', 'running') AND (
                    last_nominal_at < now() - $1 * interval '1 second'
                    OR status IN ('succeeded', 'skipped') AND last_nominal_at < now() - $2 * interval '1 second'
                        AND job IN (SELECT job FROM :"schema".job_state WHERE definition ~ '^[0-9]+ second'))
                LIMIT $3)
            """,
            [.double(retention / .seconds(1)), .double(min(retention, Self.shortRetention) / .seconds(1))],
        )
        guard try await ownsRunDetails(connection) else { return pruned }
        pruned += try await delete(
            connection,
            """
            DELETE FROM cron.job_run_details WHERE runid IN (
                SELECT runid FROM cron.job_run_details WHERE end_time < now() - $1 * interval '1 second' LIMIT $2)
            """,
            [.double(retention / .seconds(1))],
        )
        return pruned
    }

    /// The table may be the extension's.
    private func ownsRunDetails(_ connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            """
            SELECT EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = 'cron' AND c.relname = 'schema_migration' AND pg_has_role(c.relowner, 'USAGE'))
            """
        ).value(0, 0)
    }

    /// In small transactions, so that nobody waits for long.
    private func delete(
        _ connection: PostgresConnection,
        _ statement: String,
        _ parameters: [PostgresParameter],
    ) async throws -> Int {
        var deleted = 0
        while true {
            let answer = try await connection.query(sql(statement), parameters + [.int8(Self.batch)])
            deleted += answer.affectedRows
            guard answer.affectedRows == Self.batch else { return deleted }
        }
    }
}
