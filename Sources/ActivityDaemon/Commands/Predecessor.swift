import PostgresClient

/// What the Node.js service that this daemon replaces has made in a database, and what pg_cron runs for it.
struct Predecessor: Sendable {
    /// The schema that it put everything into: Directus's.
    let schema: String

    /// The names of its views and functions, which are ours too, and the job that does what people scheduled of them.
    private static let objects: [(name: String, job: BuiltInJob?)] = [
        ("mv_activity_hourly_stats", .refreshHourlyStats),
        ("mv_activity_daily_summary", .refreshDailySummary),
        ("mv_activity_collection_stats", .refreshCollectionStats),
        ("maintain_activity_table", .maintain),
        ("rebuild_activity_indexes", .rebuildIndexes),
        ("get_ip_activity_stats", nil),
        ("get_user_engagement_metrics", nil),
        ("detect_activity_anomalies", nil),
        ("test_activity_query_performance", nil),
        ("v_activity_index_stats", nil),
        ("v_activity_slow_queries", nil),
        ("v_activity_table_stats", nil),
    ]

    /// The daemon's own job that does what a command of `cron.job` does; nil when there is none.
    static func successor(of command: String) -> BuiltInJob? {
        let command = command.lowercased()
        return objects.first { $0.job != nil && command.contains($0.name) }?.job
    }

    /// Statements that drop its views and functions, as far as they are still there.
    ///
    /// - Throws: `PostgresError`.
    func leftovers(_ connection: PostgresConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT format('DROP %s %I.%I', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END, n.nspname, c.relname)
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('m', 'v')
            UNION ALL
            SELECT format('DROP FUNCTION %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
            FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname = $1 AND p.proname = ANY ($2)
            ORDER BY 1
            """,
            [.text(schema), .textArray(Self.objects.map(\.name))],
        ).map { try $0.value(0) }
    }

    /// An active job of `cron.job`, whoever runs it, that does what the daemon does by itself.
    struct DoubledJob: Sendable {
        var id: Int64
        /// Nil before version 1.3 of the extension.
        var name: String?
        var successor: BuiltInJob
    }

    /// All such jobs that the role may see.
    ///
    /// - Throws: `PostgresError`.
    func doubledJobs(_ connection: PostgresConnection) async throws -> [DoubledJob] {
        guard try await mayReadJobs(connection) else { return [] }
        return try await connection.query(
            "SELECT jobid, to_jsonb(job) ->> 'jobname', command FROM cron.job WHERE active ORDER BY jobid"
        ).map { row in
            try Self.successor(of: row.value(2)).map {
                DoubledJob(id: try row.value(0), name: try row.value(1), successor: $0)
            }
        }.compactMap(\.self)
    }

    private func mayReadJobs(_ connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            """
            SELECT EXISTS (
                SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = 'cron' AND c.relname = 'job'
                    AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
            """
        ).value(0, 0)
    }
}
