import Activity
package import ActivitySQL
import PostgresClient

/// Recounts closed hours against the raw rows and repairs facts that drifted: the job `reconcile`.
///
/// Facts drift when rows are deleted or rewritten after they were fed. Drift is looked for in one snapshot without any
/// lock, on the replica if there is one. Only a repair takes the feed's lock, and compares again under it.
package struct Reconciler: Sendable {
    private let servers: DatabaseServers
    private let sql: ActivitySQL
    private let followsDeletes: Bool
    private let observe: @Sendable (PipelineObservation) -> Void

    /// Hours of each kind in one run: the last closed ones, and older ones in turns.
    private static let hoursEach: Int64 = 6
    /// The feed's lock is waited for so long.
    private static let lockTimeout = "10s"

    /// A reconciler of the schema that `sql` names.
    ///
    /// - Parameters:
    ///   - servers: where to look for drift, and where to repair it.
    ///   - sql: the SQL for the schemas.
    ///   - followsDeletes: whether facts whose rows were deleted by age go too.
    ///   - observe: told of what was found.
    package init(
        _ servers: DatabaseServers,
        _ sql: ActivitySQL,
        followsDeletes: Bool = false,
        observe: @escaping @Sendable (PipelineObservation) -> Void,
    ) {
        self.servers = servers
        self.sql = sql
        self.followsDeletes = followsDeletes
        self.observe = observe
    }

    /// What became of a run.
    package enum Outcome: Sendable, Equatable {
        /// Hours were recounted; those that drifted were repaired.
        case recounted(hours: Int, drifted: [Drift])
        /// Recounting an hour would read the whole table.
        case missingIndex
    }

    /// What was found without a lock.
    private struct Finding: Sendable {
        var hours: Int
        var next: PostgresTimestamp?
        var drifted: [Drift]
    }

    /// Recounts the next hours.
    ///
    /// - Throws: `PostgresError`; the same hours are recounted next time then.
    package func run() async throws -> Outcome {
        guard let finding = try await servers.withReader({ try await find($0) }) else { return .missingIndex }
        let repaired = finding.drifted.isEmpty ? [] : try await repair(finding.drifted)
        _ = try await servers.primary.query(
            sql("UPDATE :\"schema\".reconcile SET next_hour = $1, checked_hours = checked_hours + $2"),
            [finding.next.map { .timestamp($0.microseconds) } ?? .null, .int8(Int64(finding.hours))],
        )
        observe(.reconciled(hours: finding.hours, drifted: repaired))
        return .recounted(hours: finding.hours, drifted: repaired)
    }

    private func find(_ connection: PostgresConnection) async throws -> Finding? {
        try await connection.transaction(.repeatableRead, readOnly: true) { connection -> Finding? in
            guard try await hasIndex(connection) else { return nil }
            let chosen = try await connection.query(
                sql.hoursToReconcile,
                [.int8(Self.hoursEach), .bool(followsDeletes)],
            )
            let hours: [PostgresTimestamp] = try chosen.value(0, 0)
            let drifted = try await connection.query(sql.findDrift, comparison(hours.map(\.microseconds)))
                .map { try Drift($0) }
            return Finding(hours: hours.count, next: try chosen.value(0, 1), drifted: drifted)
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

    /// Repairs hours that still differ once the feed stands still.
    private func repair(_ drifted: [Drift]) async throws -> [Drift] {
        try await servers.primary.withConnection { connection in
            try await connection.transaction { connection in
                _ = try await connection.query("SET LOCAL lock_timeout = '\(Self.lockTimeout)'")
                // A statement of its own, so that the snapshot of the next one is taken under the lock.
                _ = try await connection.query(sql("SELECT FROM :\"schema\".feed FOR UPDATE"))
                let hours = drifted.map(\.hour.microseconds)
                return try await connection.query(sql.repairDrift, comparison(hours)).map { try Drift($0) }
            }
        }
    }

    private func comparison(_ hours: [Int64]) -> [PostgresParameter] {
        [.timestampArray(hours), .bool(followsDeletes)]
    }
}
