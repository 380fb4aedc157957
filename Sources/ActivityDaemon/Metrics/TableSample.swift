import ActivitySQL
import PostgresClient

/// What the tables say of all daemons together.
struct TableSample: Sendable, Equatable {
    struct Kind: Sendable, Hashable {
        var type: String
        var severity: String
    }

    /// Alerts that are firing.
    var firing: [Kind: Int64] = [:]
    /// Detectors that are off because they failed.
    var detectorsOff: Int64 = 0
    /// Runs that are under way.
    var runningJobs: Int64 = 0

    /// Looks at the tables; all questions go along small partial indexes.
    ///
    /// - Throws: `PostgresError`.
    static func read(_ connection: PostgresConnection, _ sql: ActivitySQL) async throws -> TableSample {
        var sample = TableSample()
        let alerts = try await connection.query(
            sql(
                """
                SELECT alert_type, severity, count(*) FROM :"schema".alert
                WHERE status <> 'resolved' AND status = 'firing' GROUP BY 1, 2
                """
            )
        )
        for (kind, count) in try alerts.map({ row in
            (Kind(type: try row.value(0), severity: try row.value(1)), try row.value(2, as: Int64.self))
        }) {
            sample.firing[kind] = count
        }
        let counts = try await connection.query(
            sql(
                """
                SELECT (SELECT count(*) FROM :"schema".detector_failure),
                       (SELECT count(*) FROM :"schema".job_run
                        WHERE status IN ('queued', 'claimed', 'running') AND status = 'running')
                """
            )
        )
        sample.detectorsOff = try counts.value(0, 0)
        sample.runningJobs = try counts.value(0, 1)
        return sample
    }
}
