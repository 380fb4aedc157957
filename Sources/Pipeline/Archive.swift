package import ActivitySQL
package import PostgresClient

/// Copies rows of `directus_activity` before Directus's retention deletes them: the job `archive`.
///
/// It follows the feed and never passes one of its open gaps. See `sql/archive`, and Pipeline.md for the proof that
/// each row is copied once.
package struct Archive: Sendable {
    private let sql: ActivitySQL
    private let batchSize: Int

    /// An archive in the schema that `sql` names, which takes so many rows in one transaction at most.
    package init(_ sql: ActivitySQL, batchSize: Int = 10_000) {
        self.sql = sql
        self.batchSize = batchSize
    }

    /// A committed batch.
    private struct Batch {
        var rows: Int
        var hasMore: Bool
    }

    /// Copies everything that the feed has passed.
    ///
    /// - Returns: the rows copied; nil when another daemon was at it from the start.
    /// - Throws: `PostgresError`; batches that were committed before stay.
    package func copyBacklog(_ connection: PostgresConnection) async throws -> Int? {
        var rows: Int?
        while let batch = try await copyBatch(connection) {
            rows = (rows ?? 0) + batch.rows
            guard batch.hasMore else { break }
        }
        return rows
    }

    private func copyBatch(_ connection: PostgresConnection) async throws -> Batch? {
        try await connection.transaction { connection in
            let position = try await connection.query(
                sql("SELECT last_id FROM :\"schema\".archive_position FOR UPDATE SKIP LOCKED")
            )
            guard position.rowCount == 1 else { return nil }
            let start = PostgresParameter.int8(try position.value(0, 0))
            let batch = try await connection.query(sql.archiveBatch, [start, .int8(Int64(batchSize))])
            let copied = try await connection.query(sql.copyToArchive, [start, .int8(try batch.value(0, 0))])
            return Batch(rows: Int(try copied.value(0, 0, as: Int64.self)), hasMore: try batch.value(0, 1))
        }
    }
}
