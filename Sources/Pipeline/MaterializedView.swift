package import ActivitySQL
package import PostgresClient

/// A materialized view over the facts, and when it is refreshed: the jobs `refresh-…`.
package struct MaterializedView: Sendable {
    /// Its name, without a schema: it may be in Directus's schema or in the daemon's.
    package let name: String
    private let days: Int32?
    private let preparation: String?
    private let sql: ActivitySQL

    /// Readers keep a plain refresh waiting so long; the job tries again later.
    private static let lockTimeout = "5s"

    /// A view that the schemas of `sql` may have.
    ///
    /// - Parameters:
    ///   - name: without a schema.
    ///   - sql: the schemas.
    ///   - days: the length of the window that it shows, so that it is refreshed when facts leave the window; nil when it
    ///     shows all there is.
    ///   - preparation: a statement to run before a refresh, with the newest batch as `$1`.
    package init(_ name: String, _ sql: ActivitySQL, days: Int32? = nil, preparation: String? = nil) {
        self.name = name
        self.sql = sql
        self.days = days
        self.preparation = preparation
    }

    /// Events, users and addresses of each hour, collection and action: 30 days.
    package static func hourlyStats(_ sql: ActivitySQL) -> Self {
        Self("mv_activity_hourly_stats", sql, days: 30)
    }

    /// The same of each day, for all time.
    package static func dailySummary(_ sql: ActivitySQL) -> Self {
        Self("mv_activity_daily_summary", sql, preparation: "SELECT :\"schema\".settle_days($1)")
    }

    /// The same of each collection: 7 days.
    package static func collectionStats(_ sql: ActivitySQL) -> Self {
        Self("mv_activity_collection_stats", sql, days: 7)
    }

    /// What became of a refresh.
    package enum Outcome: Sendable, Equatable {
        /// It is as the facts are; whether readers could read meanwhile.
        case refreshed(concurrently: Bool)
        /// There is no such view.
        case missing
        /// No fact has changed since the last refresh.
        case unchanged
        /// Another refresh of it is under way.
        case busy
    }

    private struct State {
        /// Schema and name, in quotes.
        var identifier: String
        var isPopulated: Bool
        var hasUniqueIndex: Bool
        /// The newest batch of the feed.
        var batch: Int64
        /// The newest that the view has seen.
        var seenBatch: Int64?
        /// Whether facts have left or entered its window since, by the mere passing of time.
        var hasMoved: Bool

        var isCurrent: Bool { isPopulated && seenBatch == batch && !hasMoved }
    }

    /// Refreshes the view if facts have changed: with readers reading on where that is possible.
    ///
    /// - Throws: `PostgresError`; retriable with SQLSTATE 55P03 when others kept the view locked.
    package func refresh(_ connection: PostgresConnection) async throws -> Outcome {
        try await connection.transaction { connection in
            // Read before the view is: what changes meanwhile is seen by the next refresh at the latest.
            guard let state = try await state(connection) else { return .missing }
            guard !state.isCurrent else { return .unchanged }
            guard try await lock(connection) else { return .busy }
            if let preparation { _ = try await connection.query(sql(preparation), [.int8(state.batch)]) }
            let concurrently = state.isPopulated && state.hasUniqueIndex
            _ = try await connection.query("SET LOCAL lock_timeout = '\(Self.lockTimeout)'")
            _ = try await connection.query(
                "REFRESH MATERIALIZED VIEW \(concurrently ? "CONCURRENTLY " : "")\(state.identifier)"
            )
            // Without statistics, the next refresh compares old and new rows by a bad plan.
            if !concurrently { _ = try await connection.query("ANALYZE \(state.identifier)") }
            _ = try await connection.query(
                sql(
                    """
                    INSERT INTO :"schema".view_refresh (view, batch) VALUES ($1, $2)
                    ON CONFLICT (view) DO UPDATE SET batch = excluded.batch, refreshed_at = now()
                    """
                ),
                [.text(state.identifier), .int8(state.batch)],
            )
            return .refreshed(concurrently: concurrently)
        }
    }

    /// Whether there is such a view and nobody has ever refreshed it.
    ///
    /// - Throws: `PostgresError`.
    package func isEmpty(_ connection: PostgresConnection) async throws -> Bool {
        try await state(connection)?.isPopulated == false
    }

    private func lock(_ connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('activityd refresh ' || $1, 0))",
            [.text(name)],
        ).value(0, 0)
    }

    private func state(_ connection: PostgresConnection) async throws -> State? {
        let found = try await connection.query(
            sql(
                """
                SELECT view.identifier, view.relispopulated,
                    EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = view.oid AND i.indisunique AND i.indisvalid
                            AND i.indpred IS NULL AND i.indexprs IS NULL),
                    feed.batch, seen.batch,
                    $4::integer IS NOT NULL AND EXISTS (
                        SELECT FROM :"schema".fact AS fact, (
                            SELECT date_trunc('hour', seen.refreshed_at, 'UTC') AS seen, date_trunc('hour', now(), 'UTC') AS now,
                                $4 * interval '1 day' AS length
                        ) AS window_end
                        WHERE fact.hour >= window_end.seen - length AND fact.hour < window_end.now - length
                            OR fact.hour > window_end.seen AND fact.hour <= window_end.now)
                FROM (
                    SELECT c.oid, c.relispopulated, format('%I.%I', n.nspname, c.relname) AS identifier
                    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE c.relkind = 'm' AND c.relname = $1 AND n.nspname IN ($2, $3)
                    ORDER BY n.nspname = $3 DESC LIMIT 1
                ) AS view
                CROSS JOIN :"schema".feed
                LEFT JOIN :"schema".view_refresh AS seen ON seen.view = view.identifier
                """
            ),
            [.text(name), .text(sql.source), .text(sql.schema), days.map(PostgresParameter.int4) ?? .null],
        )
        guard found.rowCount == 1 else { return nil }
        return State(
            identifier: try found.value(0, 0),
            isPopulated: try found.value(0, 1),
            hasUniqueIndex: try found.value(0, 2),
            batch: try found.value(0, 3),
            seenBatch: try found.value(0, 4),
            hasMoved: try found.value(0, 5),
        )
    }
}
