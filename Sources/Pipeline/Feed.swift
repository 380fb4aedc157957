import Activity
package import ActivitySQL
import Detection
package import PostgresClient

/// Moves rows of `directus_activity` into the facts: each committed row exactly once, whatever the order of commits.
///
/// Where the feed stands is one row of PostgreSQL, locked for each batch; nothing about it is kept in memory. See
/// `sql/feed` for the algorithm and Pipeline.md for its proof.
package struct Feed: Sendable {
    private let sql: ActivitySQL
    private let batchSize: Int
    private let detection: FeedDetection

    /// A feed into the schema that `sql` names.
    ///
    /// - Parameters:
    ///   - sql: the SQL for the schemas.
    ///   - batchSize: rows to take in one transaction at most.
    ///   - detection: looks at each row in the transaction that counts it.
    package init(_ sql: ActivitySQL, batchSize: Int, detection: FeedDetection) {
        self.sql = sql
        self.batchSize = batchSize
        self.detection = detection
    }

    /// What became of an attempt to take a batch.
    package enum Outcome: Sendable, Equatable {
        /// Another daemon holds the feed's lock; it does this work.
        case busy
        /// A batch was committed, possibly without rows.
        case batch(Batch)
    }

    /// A committed batch.
    package struct Batch: Sendable, Equatable {
        /// Rows that went into the facts with this batch.
        package var rows: Int
        /// Rows that went into the facts since the first run.
        package var totalRows: Int64
        /// Every id up to here was looked at.
        package var lastID: Int64
        /// The largest id that was visible when the batch began; nil in an empty table.
        package var newestID: Int64?
        /// Ranges of ids up to `lastID` that may still be filled.
        package var gaps: Int
        /// Whether more rows were visible than one batch takes.
        package var hasMore: Bool
        /// What was found in the rows.
        package var detected = DetectionOutcome()
    }

    /// Takes and commits the next batch.
    ///
    /// - Throws: `PostgresError`; nothing of the batch was kept then.
    package func ingest(_ connection: PostgresConnection) async throws -> Outcome {
        let taken = try await connection.transaction { connection -> (Batch, DetectionBatch)? in
            let position = try await connection.query(sql.lockFeed)
            guard position.rowCount == 1 else { return nil }
            var detection = try await detection.begin(connection)
            var (batch, events) = try await ingest(
                connection,
                after: position.value(0, 0),
                upTo: position.value(0, 2),
                batch: position.value(0, 1, as: Int64.self) + 1,
                eventsFrom: detection.beginsAt,
            )
            batch.detected = try await detection.detect(events, hasMore: batch.hasMore, connection)
            return (batch, detection)
        }
        guard let (batch, detection) = taken else { return .busy }
        self.detection.keep(detection)
        return .batch(batch)
    }

    private func ingest(
        _ connection: PostgresConnection,
        after lastID: Int64,
        upTo newestID: Int64?,
        batch: Int64,
        eventsFrom: Timestamp,
    ) async throws -> (Batch, [ActivityEvent]) {
        let range: [PostgresParameter] = [
            .int8(lastID), newestID.map(PostgresParameter.int8) ?? .null, .int8(Int64(batchSize)),
        ]
        let holders: [String] = try await connection.query(sql.holders, [.text(sql.sourceTable)]).value(0, 0)
        if let newestID, newestID > lastID { _ = try await connection.query(sql.ensurePartitions, range) }
        let done = try await connection.query(
            sql.ingest,
            range + [.textArray(holders), .int8(batch), .timestamp(eventsFrom.microseconds)],
        )
        let batch = Batch(
            rows: Int(try done.value(0, 2, as: Int64.self)),
            totalRows: try done.value(0, 1),
            lastID: try done.value(0, 0),
            newestID: newestID,
            gaps: Int(try done.value(0, 4, as: Int64.self)),
            hasMore: try done.value(0, 3),
        )
        let hasEvents = try done.value(0, 5, as: Int64?.self) != nil
        return (batch, hasEvents ? try done.map { try ActivityEvent($0, from: 5) } : [])
    }
}
