package import ActivitySQL
package import PostgresClient

/// Recounts closed hours against the raw rows and repairs facts that drifted: the job `reconcile`.
///
/// Facts drift when rows are deleted or rewritten after they were fed. See `sql/reconcile`.
package struct Reconciler: Sendable {
    private let sql: ActivitySQL
    private let followsDeletes: Bool

    /// Hours of each kind in one run: the last closed ones, and older ones in turns.
    private static let hoursEach: Int64 = 6
    /// The feed's lock is waited for so long.
    private static let lockTimeout = "10s"

    /// A reconciler of the schema that `sql` names.
    ///
    /// - Parameters:
    ///   - sql: the SQL for the schemas.
    ///   - followsDeletes: whether facts whose rows were deleted by age go too.
    package init(_ sql: ActivitySQL, followsDeletes: Bool = false) {
        self.sql = sql
        self.followsDeletes = followsDeletes
    }

    /// What became of a run.
    package enum Outcome: Sendable, Equatable {
        /// Hours were recounted; those that drifted were repaired, in microseconds since 1970.
        case recounted(hours: Int, drifted: [Int64])
        /// Recounting an hour would read the whole table.
        case missingIndex
    }

    /// Recounts the next hours in one transaction, which keeps the feed waiting.
    ///
    /// - Throws: `PostgresError`; nothing was changed then.
    package func run(_ connection: PostgresConnection) async throws -> Outcome {
        try await connection.transaction { connection in
            guard try await hasIndex(connection) else { return .missingIndex }
            _ = try await connection.query("SET LOCAL lock_timeout = '\(Self.lockTimeout)'")
            let chosen = try await connection.query(
                sql.hoursToReconcile,
                [.int8(Self.hoursEach), .bool(followsDeletes)],
            )
            let lastID: Int64 = try chosen.value(0, 0)
            let batch: Int64 = try chosen.value(0, 1)
            let hours: [PostgresTimestamp] = try chosen.value(0, 2)
            let next: PostgresTimestamp? = try chosen.value(0, 3)
            let drifted = try await drift(connection, hours, lastID)
            if !drifted.isEmpty { try await repair(connection, drifted, batch: batch + 1, lastID) }
            _ = try await connection.query(
                sql(
                    """
                    UPDATE :"schema".reconcile SET next_hour = $1, checked_hours = checked_hours + $2,
                        drifted_hours = drifted_hours + $3
                    """
                ),
                [
                    next.map { .timestamp($0.microseconds) } ?? .null, .int8(Int64(hours.count)),
                    .int8(Int64(drifted.count)),
                ],
            )
            return .recounted(hours: hours.count, drifted: drifted.map(\.microseconds))
        }
    }

    private func hasIndex(_ connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            """
            SELECT EXISTS (
                SELECT FROM pg_index AS i
                JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = $1::regclass AND i.indisvalid AND i.indpred IS NULL AND a.attname = 'timestamp')
            """,
            [.text(sql.sourceTable)],
        ).value(0, 0)
    }

    private func drift(
        _ connection: PostgresConnection,
        _ hours: [PostgresTimestamp],
        _ lastID: Int64,
    ) async throws -> [PostgresTimestamp] {
        _ = try await connection.query(sql.prepareRecount)
        return try await connection.query(
            sql.findDrift,
            [.timestampArray(hours.map(\.microseconds)), .int8(lastID)],
        ).map { try $0.value(0) }
    }

    private func repair(
        _ connection: PostgresConnection,
        _ hours: [PostgresTimestamp],
        batch: Int64,
        _ lastID: Int64,
    ) async throws {
        let drifted = PostgresParameter.timestampArray(hours.map(\.microseconds))
        _ = try await connection.query(sql.addDimensions)
        _ = try await connection.query(sql.forgetHours, [drifted])
        _ = try await connection.query(sql.restoreHours, [drifted, .int8(batch), .int8(lastID)])
    }
}
