package import ActivitySQL
package import PostgresClient

/// The primary server, and perhaps a streaming replica that relieves it of long reads.
///
/// The replica is read once it has replayed the newest batch of the feed that the primary had when it was asked, so no
/// answer is older than it would be without a replica. Otherwise the primary is read.
package struct DatabaseServers: Sendable {
    /// The server that is written to.
    package let primary: PostgresClient
    private let replica: PostgresClient?
    private let sql: ActivitySQL
    private let observe: @Sendable (PipelineObservation) -> Void

    /// The replica is waited for so long, and looked at so often.
    private static let patience = Duration.seconds(1)
    private static let pause = Duration.milliseconds(20)

    /// Servers with the schema that `sql` names.
    package init(
        primary: PostgresClient,
        replica: PostgresClient? = nil,
        _ sql: ActivitySQL,
        observe: @escaping @Sendable (PipelineObservation) -> Void,
    ) {
        self.primary = primary
        self.replica = replica
        self.sql = sql
        self.observe = observe
    }

    /// Lends a connection for reading, of the replica where possible.
    ///
    /// - Parameters:
    ///   - isolation: the actor that `body` runs on; the caller's.
    ///   - body: what to read; begun anew on the primary when the replica failed, such as by a conflict with what it
    ///     replays.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws on the primary; `PostgresError` when the primary cannot be asked.
    package func withReader<R>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> R,
    ) async throws -> R {
        guard let replica else { return try await primary.withConnection(body) }
        let needed = try await primary.withConnection { try await position($0) }
        do {
            let value = try await replica.withConnection { connection in
                try await wait(for: needed, connection)
                return try await body(connection)
            }
            observe(.replicaRead)
            return value
        } catch {
            guard !Task.isCancelled else { throw error }
            observe(.replicaPassedOver(error))
        }
        return try await primary.withConnection(body)
    }

    /// Looks whether the replica can stand in for the primary.
    ///
    /// - Throws: `ReplicaError`, `PostgresError`.
    package func checkReplica() async throws {
        let needed = try await primary.withConnection { try await position($0) }
        try await replica?.withConnection { try await wait(for: needed, $0) }
    }

    private func wait(for needed: Position, _ connection: PostgresConnection) async throws {
        let deadline = ContinuousClock.now.advanced(by: Self.patience)
        while true {
            let position = try await position(connection)
            guard position.isReplaying else { throw ReplicaError.notAReplica }
            guard position.origin == needed.origin else { throw ReplicaError.otherDatabase }
            let missing = needed.batch - position.batch
            guard missing > 0 else { return }
            guard ContinuousClock.now < deadline else { throw ReplicaError.behind(batches: missing) }
            // A server that replays sends no signal that could be waited for.
            try await Task.sleep(for: Self.pause)
        }
    }

    private func position(_ connection: PostgresConnection) async throws -> Position {
        let row = try await connection.query(
            sql(
                """
                SELECT database.oid::bigint, migration.applied_at, pg_is_in_recovery(), feed.batch
                FROM pg_catalog.pg_database AS database, :"schema".schema_migration AS migration, :"schema".feed AS feed
                WHERE database.datname = current_database() AND migration.version = 1
                """
            )
        )
        return Position(
            origin: Origin(database: try row.value(0, 0), createdAt: try row.value(0, 1)),
            isReplaying: try row.value(0, 2),
            batch: try row.value(0, 3),
        )
    }
}

/// How far a server has come.
private struct Position: Sendable {
    var origin: Origin
    var isReplaying: Bool
    var batch: Int64
}

/// What two databases share only when one is a copy of the other: batches of different ones say nothing of one another.
///
/// Any role may ask for it, other than for the identifier of the cluster.
private struct Origin: Sendable, Equatable {
    var database: Int64
    var createdAt: PostgresTimestamp
}

/// Why a replica is not read.
package enum ReplicaError: Error, Equatable, CustomStringConvertible {
    /// It lacks batches that the primary has.
    case behind(batches: Int64)
    /// It replays another database than the primary.
    case otherDatabase
    /// It replays nothing.
    case notAReplica

    /// The same text however far behind it is, so that a log says it once.
    package var description: String {
        switch self {
        case .behind: "the replica has not replayed the newest batch within a second"
        case .otherDatabase: "database.readUrl leads to another database than database.url"
        case .notAReplica: "database.readUrl leads to a server that is no streaming replica"
        }
    }
}
