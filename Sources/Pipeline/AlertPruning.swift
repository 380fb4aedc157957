import ActivitySQL
import PostgresClient

/// Deletes old alerts, their events and reported sign-ins: a step of the job `maintain`.
struct AlertPruning: Sendable {
    private let sql: ActivitySQL
    private let retention: Duration
    private let streamLength: Int64

    /// Rows deleted in one transaction.
    private static let batch: Int64 = 10_000

    /// Pruning of what is older than `retention`; so many of the newest events stay in any case, since an empty stream
    /// is filled with them.
    init(_ sql: ActivitySQL, _ retention: Duration, streamLength: Int64) {
        self.sql = sql
        self.retention = retention
        self.streamLength = streamLength
    }

    /// Deletes alerts that have ended, delivered events, and sign-ins that detectors have seen.
    ///
    /// - Returns: rows deleted.
    /// - Throws: `PostgresError`; what was deleted before stays so.
    func run(_ connection: PostgresConnection) async throws -> Int {
        let events = try await delete(
            connection,
            """
            DELETE FROM :"schema".alert_outbox WHERE id IN (
                SELECT o.id FROM :"schema".alert_outbox AS o, :"schema".relay AS r
                WHERE o.created_at < now() - $1 * interval '1 second'
                    AND o.relay_seq <= least(r.delivered, r.numbered - $3)
                LIMIT $2)
            """,
            [.int8(streamLength)],
        )
        // What ended so long ago began before that, and the beginning is indexed.
        let alerts = try await delete(
            connection,
            """
            DELETE FROM :"schema".alert WHERE occurrence_id IN (
                SELECT occurrence_id FROM :"schema".alert
                WHERE status = 'resolved' AND starts_at < now() - $1 * interval '1 second'
                    AND coalesce(ends_at, updated_at) < now() - $1 * interval '1 second'
                LIMIT $2)
            """,
        )
        let signIns = try await delete(
            connection,
            """
            DELETE FROM :"schema".auth_event WHERE id IN (
                SELECT id FROM :"schema".auth_event
                WHERE is_detected AND received_at < now() - $1 * interval '1 second' LIMIT $2)
            """,
        )
        return events + alerts + signIns
    }

    /// In small transactions, so that nobody waits for long.
    private func delete(
        _ connection: PostgresConnection,
        _ statement: String,
        _ parameters: [PostgresParameter] = [],
    ) async throws -> Int {
        var deleted = 0
        while true {
            let answer = try await connection.query(
                sql(statement),
                [.double(retention / .seconds(1)), .int8(Self.batch)] + parameters,
            )
            deleted += answer.affectedRows
            guard answer.affectedRows == Self.batch else { return deleted }
        }
    }
}
