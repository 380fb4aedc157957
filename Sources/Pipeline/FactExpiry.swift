import ActivitySQL
import PostgresClient

/// Drops the facts that retention has done with: a step of the job `maintain`.
struct FactExpiry: Sendable {
    private let sql: ActivitySQL
    private let retention: FactRetention
    private let partitions: FactPartitions

    /// Rows deleted in one transaction.
    private static let batch: Int64 = 10_000

    init(_ sql: ActivitySQL, _ retention: FactRetention) {
        self.sql = sql
        self.retention = retention
        partitions = FactPartitions(sql: sql)
    }

    private struct Partition: Equatable {
        /// Schema and name, in quotes.
        var identifier: String
        /// The first moment after its month.
        var end: PostgresTimestamp
    }

    /// Drops the partitions of months that are over, the oldest first, and deletes such hours from the default one.
    ///
    /// - Returns: partitions dropped, and partitions that are still there because others use them.
    /// - Throws: `PostgresError`; what was dropped before stays so.
    func run(_ connection: PostgresConnection) async throws -> (dropped: Int, inUse: Int) {
        var dropped = 0
        while let partition = try await expired(connection).first {
            guard let isDropped = try await drop(partition, connection) else {
                return (dropped, try await expired(connection).count)
            }
            if isDropped { dropped += 1 }
        }
        while try await deleteStrays(connection) == Self.batch {}
        return (dropped, 0)
    }

    // MARK: - What is over

    /// Facts of hours before this are forgotten; nil when all are kept.
    private func start(_ connection: PostgresConnection) async throws -> PostgresTimestamp? {
        switch retention {
        case .keep:
            return nil
        case .days(let days):
            return try await connection.query(
                "SELECT date_trunc('hour', now() - $1 * interval '24 hours', 'UTC')",
                [.int4(Int32(days))],
            ).value(0, 0)
        case .mirror:
            // An empty table says nothing about how far back it would go. A clock may have been ahead.
            return try await connection.query(
                sql(
                    """
                    SELECT date_trunc('month', least("timestamp", now()), 'UTC')
                    FROM :"source".directus_activity ORDER BY "timestamp" LIMIT 1
                    """
                )
            ).map { try $0.value(0, as: PostgresTimestamp.self) }.first
        }
    }

    private func expired(_ connection: PostgresConnection) async throws -> [Partition] {
        guard let start = try await start(connection) else { return [] }
        return try await connection.query(
            """
            SELECT format('%I.%I', n.nspname, c.relname), month.stop
            FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL (
                SELECT (to_date(substring(c.relname FROM '^fact_(\\d{4}_\\d{2})$'), 'YYYY_MM') + interval '1 month')
                    AT TIME ZONE 'UTC' AS stop
            ) AS month
            WHERE i.inhparent = to_regclass($1) AND month.stop <= $2
            ORDER BY month.stop
            """,
            [.text(ActivitySQL.identifier(sql.schema) + ".fact"), .timestamp(start.microseconds)],
        ).map { Partition(identifier: try $0.value(0), end: try $0.value(1)) }
    }

    // MARK: - Forgetting it

    /// Drops a partition, unless it is not over any more: a row of its month may have come meanwhile.
    private func drop(_ partition: Partition, _ connection: PostgresConnection) async throws -> Bool? {
        try await partitions.change(connection) { connection in
            guard try await expired(connection).contains(partition) else { return false }
            try await settleDays(connection)
            _ = try await connection.query("DROP TABLE \(partition.identifier)")
            try await tellReaders(connection, before: partition.end)
            return true
        }
    }

    /// Hours of which no month was made.
    private func deleteStrays(_ connection: PostgresConnection) async throws -> Int64? {
        try await partitions.change(connection) { connection in
            guard let start = try await start(connection) else { return 0 }
            try await settleDays(connection)
            let deleted = try await connection.query(
                sql(
                    """
                    DELETE FROM :"schema".fact_default WHERE ctid = ANY (ARRAY(
                        SELECT ctid FROM :"schema".fact_default WHERE hour < $1 LIMIT $2))
                    """
                ),
                [.timestamp(start.microseconds), .int8(Self.batch)],
            ).affectedRows
            if deleted > 0 { try await tellReaders(connection, before: start) }
            return Int64(deleted)
        }
    }

    /// Counts days that changed while their facts are still there.
    private func settleDays(_ connection: PostgresConnection) async throws {
        _ = try await connection.query(
            sql("SELECT :\"schema\".settle_days(batch) FROM :\"schema\".feed")
        )
    }

    /// Materialized views are refreshed after a new batch; the daily summary keeps its days unless facts follow deletes.
    /// Readers in memory hold nothing that is older than the longest window, which only `mirror` can have forgotten.
    private func tellReaders(_ connection: PostgresConnection, before end: PostgresTimestamp) async throws {
        _ = try await connection.query(
            sql(
                """
                WITH changed AS (DELETE FROM :"schema".changed_hour WHERE hour < $1),
                recent AS (DELETE FROM :"schema".recent_fact WHERE last_at < $1),
                summaries AS (DELETE FROM :"schema".day_summary WHERE $2 AND day < ($1 AT TIME ZONE 'UTC')::date),
                counted AS (
                    -- What is left of a day that has lost hours would count for less than the day.
                    UPDATE :"schema".day_summary_state SET first_day = greatest(
                        first_day, ($1 AT TIME ZONE 'UTC' + interval '1 day' - interval '1 microsecond')::date)
                    WHERE NOT $2
                ),
                rewritten AS (
                    UPDATE :"schema".reconcile SET rewritten_batch = feed.batch + 1 FROM :"schema".feed WHERE $2
                )
                UPDATE :"schema".feed SET batch = batch + 1
                """
            ),
            [.timestamp(end.microseconds), .bool(retention == .mirror)],
        )
    }
}
