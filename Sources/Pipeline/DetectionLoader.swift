import Activity
import ActivitySQL
import Detection
import PostgresClient

/// Reads what detection goes on from, in the feed's transaction.
struct DetectionLoader: Sendable {
    private let sql: ActivitySQL

    init(_ sql: ActivitySQL) {
        self.sql = sql
    }

    /// Detectors and open alerts as they were stored last.
    ///
    /// - Throws: `PostgresError`, `DecodingError`.
    func load(
        _ connection: PostgresConnection,
        _ position: DetectionPosition,
        _ settings: DetectionSettings,
    ) async throws -> DetectionMemory {
        var engine = DetectionEngine(settings)
        let failures = try await connection.query(sql("SELECT detector, reason FROM :\"schema\".detector_failure"))
        for failure in try failures.map({ try ($0.value(0, as: String.self), $0.value(1, as: String.self)) }) {
            engine.disable(failure.0, reason: failure.1)
        }
        // What is disabled already is no news.
        _ = engine.takeFailures()
        let state = try await connection.query(sql("SELECT detector, key, state FROM :\"schema\".detector_state"))
        engine.restore(
            try state.map { StateChange(detector: try $0.value(0), key: try $0.value(1), state: try $0.value(2)) }
        )
        var lifecycle = AlertLifecycle(settings.lifecycle)
        for episode in try await AlertStore(sql).openEpisodes(connection, operational: false) {
            lifecycle.restore(episode)
        }
        return DetectionMemory(
            settings: settings,
            revision: position.revision,
            engine: engine,
            lifecycle: lifecycle,
        )
    }

    /// Teaches detectors what was usual before detection began.
    ///
    /// - Throws: `PostgresError`.
    func learn(_ connection: PostgresConnection, into engine: inout DetectionEngine, _ settings: DetectionSettings) async throws {
        let volume = try await connection.query(sql.volumeHistory, [.int8(Int64(settings.volume.bucketSeconds))])
        engine.learn(
            volume: try volume.map { row in
                VolumeBucket(
                    start: try row.timestamp(0),
                    action: try row.value(1),
                    events: Int(try row.value(2, as: Int64.self)),
                )
            }
        )
        let logins = try await connection.query(sql.loginHistory)
        engine.learn(
            logins: try logins.map { row in
                KnownAddress(
                    user: try row.value(0),
                    ip: try row.value(1),
                    first: try row.timestamp(2),
                    last: try row.timestamp(3),
                )
            }
        )
        let entities = try await connection.query(sql.entityHistory)
        engine.learn(
            requests: try entities.map { row in
                EntityHour(
                    entity: try row.value(1) ? .user(try row.value(2)) : .ip(try row.value(2)),
                    hour: try row.timestamp(0).hour,
                    events: Int(try row.value(3, as: Int64.self)),
                )
            }
        )
    }
}
