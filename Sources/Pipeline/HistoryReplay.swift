package import Activity
package import ActivitySQL
package import Detection
package import PostgresClient

/// Which alerts the last days would have raised: the detectors run over the raw rows, and nothing is written.
package struct HistoryReplay: Sendable {
    private let postgres: PostgresClient
    private let sql: ActivitySQL

    private static let chunk = Duration.seconds(3600)

    /// A replay of the table that `sql` names.
    package init(_ postgres: PostgresClient, _ sql: ActivitySQL) {
        self.postgres = postgres
        self.sql = sql
    }

    /// Plays the rows of a period, an hour at a time, after learning from the weeks before.
    ///
    /// - Parameters:
    ///   - period: in time of the rows.
    ///   - settings: what is suspicious.
    ///   - progress: told the moment that has been reached.
    /// - Returns: the alerts by time, and the detectors that failed.
    /// - Throws: `PostgresError`.
    package func alerts(
        in period: Range<Timestamp>,
        _ settings: DetectionSettings,
        progress: @Sendable (Timestamp) -> Void,
    ) async throws -> (alerts: [Finding], failures: [DetectorFailure]) {
        try await postgres.withConnection { connection in
            try await connection.transaction(.repeatableRead, readOnly: true) { connection in
                var detector = AlertDetector(settings)
                try await DetectionLoader(sql).learn(
                    connection,
                    into: &detector.engine,
                    settings,
                    until: period.lowerBound,
                )
                var replay = EventReplay(detector)
                var alerts: [Finding] = []
                var start = period.lowerBound
                while start < period.upperBound {
                    let end = min(start.advanced(by: Self.chunk), period.upperBound)
                    alerts += replay.alerts(of: try await events(connection, from: start, to: end))
                    progress(end)
                    start = end
                }
                return (alerts, replay.takeFailures())
            }
        }
    }

    private func events(
        _ connection: PostgresConnection,
        from start: Timestamp,
        to end: Timestamp,
    ) async throws -> [ActivityEvent] {
        let bounds: [PostgresParameter] = [.timestamp(start.microseconds), .timestamp(end.microseconds)]
        let rows = try await connection.query(
            sql(
                """
                SELECT id::bigint, "timestamp", "user"::text, ip::text, collection::text, action::text,
                       CASE WHEN collection = 'directus_users' THEN item::text END
                FROM :"source".directus_activity WHERE "timestamp" >= $1 AND "timestamp" < $2
                """
            ),
            bounds,
        ).map { row in try ActivityEvent(row, from: 0) }
        let signIns = try await connection.query(
            sql(
                """
                SELECT id, "timestamp", outcome, "user", email, ip
                FROM :"schema".auth_event WHERE "timestamp" >= $1 AND "timestamp" < $2
                """
            ),
            bounds,
        ).map { row in try ActivityEvent(authEvent: row) }
        return rows + signIns
    }
}

extension Timestamp {
    fileprivate func advanced(by duration: Duration) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(duration / .microseconds(1)))
    }
}
