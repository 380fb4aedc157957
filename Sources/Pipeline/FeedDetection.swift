import Activity
package import ActivitySQL
package import Detection
import PostgresClient
import Synchronization

/// Detection as part of the feed: what it finds commits with the rows that it was found in, or not at all.
///
/// Detectors stay in memory from one batch to the next. The truth is in PostgreSQL: a batch works on what memory holds
/// only if nobody has written since (`detection.revision`), and memory is kept only when the transaction has committed.
package final class FeedDetection: Sendable {
    private let sql: ActivitySQL
    private let settings: @Sendable () -> DetectionSettings
    private let memory = Mutex<DetectionMemory?>(nil)

    /// Detection in the schema that `sql` names.
    ///
    /// - Parameters:
    ///   - sql: the SQL for the schemas.
    ///   - settings: as they are now; when they change, detectors go on from what is stored.
    package init(_ sql: ActivitySQL, settings: @escaping @Sendable () -> DetectionSettings) {
        self.sql = sql
        self.settings = settings
    }

    /// Begins a batch: takes what is in memory, or reads it.
    ///
    /// - Parameter connection: in the feed's transaction, which holds its lock.
    /// - Returns: the batch, which ``keep(_:)`` wants back once it has committed.
    /// - Throws: `PostgresError`.
    func begin(_ connection: PostgresConnection) async throws -> DetectionBatch {
        let position = try await DetectionPosition(connection.query(sql.detectionPosition))
        let settings = settings()
        let kept = memory.withLock { memory in
            defer { memory = nil }
            return memory
        }
        if let kept, kept.revision == position.revision, kept.settings == settings {
            return DetectionBatch(sql, position, kept)
        }
        let loader = DetectionLoader(sql)
        return DetectionBatch(sql, position, try await loader.load(connection, position, settings))
    }

    /// Keeps what a batch knew, once it has committed.
    func keep(_ batch: DetectionBatch) {
        memory.withLock { $0 = batch.memory }
    }
}

/// What detection knows between two batches.
struct DetectionMemory: Sendable {
    var settings: DetectionSettings
    /// The write of `detection` that this agrees with.
    var revision: Int64
    var detector: AlertDetector
}
