package import Activity
import ActivitySQL
package import Detection
import Pipeline
import PostgresClient

/// `activityd backtest --events` and `--days`: the detectors over what has happened.
package struct EventBacktest: Sendable {
    /// An alert that would have been raised.
    package struct Alert: Sendable, Encodable {
        package var timestamp: String
        package var alertType: String
        package var severity: String
        package var ip: String?
        package var network: String?
        package var userId: String?
        package var collection: String?
        package var action: String?
        package var reason: String

        init(_ finding: Finding) {
            timestamp = finding.at.description
            alertType = finding.alertType
            severity = finding.severity.rawValue
            ip = finding.subject.ip
            network = finding.subject.network
            userId = finding.subject.userId
            collection = finding.subject.collection
            action = finding.subject.action
            reason = finding.reason
        }
    }

    /// The alerts by time, and detectors that failed on the way.
    package struct Report: Sendable {
        package var alerts: [Alert]
        /// Their names and why.
        package var failures: [String]
    }

    private let settings: DetectionSettings

    /// A backtest with these thresholds.
    package init(_ settings: DetectionSettings) {
        self.settings = settings
    }

    /// Plays a file with the columns `ts`, `ip`, `user`, `action`, `collection` and `item`, with nothing known before.
    ///
    /// - Throws: ``CSVError``.
    package func run(events path: String) throws(CSVError) -> Report {
        var replay = EventReplay(AlertDetector(settings))
        let alerts = replay.alerts(of: try EventFile(path: path).events)
        return Report(alerts: alerts.map(Alert.init), failures: replay.takeFailures().map(\.text))
    }

    /// Plays the rows of the last days, after learning from the weeks before.
    ///
    /// - Throws: `PostgresError`.
    package func run(
        days: Int,
        of configuration: DaemonConfiguration,
        progress: @escaping @Sendable (Timestamp) -> Void,
    ) async throws -> Report {
        let postgres = PostgresClient(configuration.postgres)
        let sql = ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema)
        let now = Clock.now
        let start = Timestamp(microseconds: now.microseconds - Int64(days) * 86_400_000_000)
        let result = try await HistoryReplay(postgres, sql).alerts(in: start..<now, settings, progress: progress)
        await postgres.close()
        return Report(alerts: result.alerts.map(Alert.init), failures: result.failures.map(\.text))
    }
}

extension DetectorFailure {
    fileprivate var text: String { "\(detector) failed and was off: \(reason)" }
}
