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
    /// - Throws: `PostgresError`.
    func load(
        _ connection: PostgresConnection,
        _ position: DetectionPosition,
        _ settings: DetectionSettings,
    ) async throws -> DetectionMemory {
        var detector = AlertDetector(settings)
        let failures = try await connection.query(sql("SELECT detector, reason FROM :\"schema\".detector_failure"))
        for failure in try failures.map({ try ($0.value(0, as: String.self), $0.value(1, as: String.self)) }) {
            detector.engine.disable(failure.0, reason: failure.1)
        }
        // What is disabled already is no news.
        _ = detector.engine.takeFailures()
        let state = try await connection.query(sql("SELECT detector, key, state FROM :\"schema\".detector_state"))
        detector.engine.restore(
            try state.map { StateChange(detector: try $0.value(0), key: try $0.value(1), state: try $0.value(2)) }
        )
        for episode in try await AlertStore(sql).openEpisodes(connection, operational: false) {
            detector.lifecycle.restore(episode)
        }
        return DetectionMemory(settings: settings, revision: position.revision, detector: detector)
    }

    /// Teaches detectors what was usual before.
    ///
    /// - Parameters:
    ///   - connection: where to read.
    ///   - engine: what is to learn.
    ///   - settings: how the engine was made.
    ///   - end: what happened before is history.
    /// - Throws: `PostgresError`.
    func learn(
        _ connection: PostgresConnection,
        into engine: inout DetectionEngine,
        _ settings: DetectionSettings,
        until end: Timestamp,
    ) async throws {
        let until = PostgresParameter.timestamp(end.microseconds)
        let volume = try await connection.query(
            sql.volumeHistory,
            [until, .int8(Int64(settings.volume.bucketSeconds))],
        )
        engine.learn(
            volume: try volume.map { row in
                VolumeBucket(
                    start: try row.timestamp(0),
                    action: try row.value(1),
                    events: Int(try row.value(2, as: Int64.self)),
                )
            },
            until: end,
        )
        let logins = try await connection.query(sql.loginHistory, [until])
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
        let entities = try await connection.query(sql.entityHistory, [until])
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
