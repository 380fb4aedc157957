package import ActivitySQL
package import PostgresClient

/// Keeps tables small and statistics true: the jobs `maintain` and `rebuild-indexes`.
///
/// VACUUM and REINDEX CONCURRENTLY want a connection outside of any transaction.
package struct Maintenance: Sendable {
    private let sql: ActivitySQL
    private let retention: Duration

    /// Runs of jobs that follow each other within a minute are kept for so long at most, if nothing went wrong.
    private static let shortRetention = Duration.seconds(86_400)
    /// Rows deleted in one transaction.
    private static let pruneBatch: Int64 = 10_000
    /// Months of facts whose partitions are made ahead.
    private static let monthsAhead = 2

    /// Maintenance of the schema that `sql` names; the history of jobs is kept for `retention`.
    package init(_ sql: ActivitySQL, retention: Duration) {
        self.sql = sql
        self.retention = retention
    }

    /// What was done.
    package struct Report: Sendable, Equatable {
        /// Rows of `job_run` and `cron.job_run_details` deleted.
        package var prunedRuns = 0
        /// Tables vacuumed and analyzed.
        package var vacuumedTables = 0
        /// Indexes rebuilt.
        package var rebuiltIndexes = 0
    }

    /// Makes partitions ahead, deletes old history, vacuums and analyzes the daemon's tables and, if it owns that one,
    /// Directus's.
    ///
    /// - Throws: `PostgresError`; what was done before stays done.
    package func maintain(_ connection: PostgresConnection) async throws -> Report {
        var report = Report()
        for month in 0...Self.monthsAhead {
            _ = try await connection.query(
                sql("SELECT :\"schema\".ensure_fact_partition(now() + interval '\(month) months')")
            )
        }
        report.prunedRuns = try await prune(connection)
        for table in try await tables(connection) {
            _ = try await connection.query("VACUUM (ANALYZE) \(table)")
            report.vacuumedTables += 1
        }
        return report
    }

    /// Rebuilds the indexes of the same tables while they are in use, after removing what an interrupted rebuild left.
    ///
    /// - Throws: `PostgresError`; indexes that were rebuilt before stay so.
    package func rebuildIndexes(_ connection: PostgresConnection) async throws -> Report {
        var report = Report()
        for leftOver in try await indexes(connection, areLeftOvers: true) {
            _ = try await connection.query("DROP INDEX CONCURRENTLY IF EXISTS \(leftOver)")
        }
        for index in try await indexes(connection, areLeftOvers: false) {
            _ = try await connection.query("REINDEX INDEX CONCURRENTLY \(index)")
            report.rebuiltIndexes += 1
        }
        return report
    }

    // MARK: - History

    private func prune(_ connection: PostgresConnection) async throws -> Int {
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
            let answer = try await connection.query(sql(statement), parameters + [.int8(Self.pruneBatch)])
            deleted += answer.affectedRows
            guard answer.affectedRows == Self.pruneBatch else { return deleted }
        }
    }

    // MARK: - Tables and indexes

    /// Tables that hold rows and that the role may vacuum: its own.
    private func tables(_ connection: PostgresConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND pg_has_role(c.relowner, 'USAGE')
                AND (n.nspname IN ($1, 'cron') OR c.oid = to_regclass($2))
            ORDER BY 1
            """,
            [.text(sql.schema), .text(sql.sourceTable)],
        ).map { try $0.value(0) }
    }

    /// REINDEX CONCURRENTLY names what it builds `…_ccnew` and what it replaces `…_ccold`.
    private func indexes(_ connection: PostgresConnection, areLeftOvers: Bool) async throws -> [String] {
        try await connection.query(
            """
            SELECT format('%I.%I', n.nspname, i.relname)
            FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_class AS c ON c.oid = x.indrelid
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND i.relkind = 'i' AND pg_has_role(c.relowner, 'USAGE')
                AND (n.nspname IN ($1, 'cron') OR c.oid = to_regclass($2))
                AND (NOT x.indisvalid AND i.relname ~ '_cc(new|old)[0-9]*$') = $3
            ORDER BY 1
            """,
            [.text(sql.schema), .text(sql.sourceTable), .bool(areLeftOvers)],
        ).map { try $0.value(0) }
    }
}
