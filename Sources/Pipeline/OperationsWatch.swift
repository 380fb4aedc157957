import Activity
package import ActivitySQL
package import Detection
package import PostgresClient
import ServiceLifecycle

/// Makes alerts of the daemon's own troubles: jobs that failed or were missed, stale data, drift, failed detectors.
///
/// Independent of the feed, which may be the trouble. Nothing is kept in memory: each look goes on from what is stored, in
/// one transaction under the lock of the row in `operations`, so any number of daemons make one alert of one trouble.
package struct OperationsWatch: Service {
    private let postgres: PostgresClient
    private let sql: ActivitySQL
    private let settings: @Sendable () -> DetectionSettings
    private let feedPause: @Sendable () -> Duration?
    private let begins: Gate
    private let observe: @Sendable (PipelineObservation) -> Void

    private static let interval = Duration.seconds(5)

    /// A watch over the schema that `sql` names.
    ///
    /// - Parameters:
    ///   - postgres: where the tables are.
    ///   - sql: the SQL for the schemas.
    ///   - settings: as they are now.
    ///   - feedPause: the longest time between two slots of the feed; nil when it is switched off, so that nothing is stale.
    ///   - begins: nobody looks before this gate opens: during the first run everything is late.
    ///   - observe: told of what was found.
    package init(
        _ postgres: PostgresClient,
        _ sql: ActivitySQL,
        settings: @escaping @Sendable () -> DetectionSettings,
        feedPause: @escaping @Sendable () -> Duration?,
        begins: Gate,
        observe: @escaping @Sendable (PipelineObservation) -> Void,
    ) {
        self.postgres = postgres
        self.sql = sql
        self.settings = settings
        self.feedPause = feedPause
        self.begins = begins
        self.observe = observe
    }

    /// Looks every five seconds until the task is cancelled or the service group shuts down.
    package func run() async {
        await cancelWhenGracefulShutdown {
            guard (try? await begins.wait()) != nil else { return }
            while !Task.isCancelled {
                // The interval. Cancelling ends it early, and the loop sees that.
                try? await Task.sleep(for: Self.interval)
                do {
                    try await look()
                    observe(.operationsKnown)
                } catch {
                    if !Task.isCancelled { observe(.operationsUnknown(error)) }
                }
            }
        }
    }

    /// Looks once, unless another daemon is looking.
    ///
    /// - Returns: what became of alerts.
    /// - Throws: `PostgresError`; the same is found by the next look then.
    @discardableResult
    package func look() async throws -> [AlertChange] {
        let settings = settings()
        let changes = try await postgres.withConnection { connection in
            try await connection.transaction { connection -> [AlertChange] in
                let lock = try await connection.query(
                    sql("SELECT now() FROM :\"schema\".operations FOR UPDATE SKIP LOCKED")
                )
                guard lock.rowCount == 1 else { return [] }
                return try await look(connection, at: try lock.map { try $0.timestamp(0) }[0], settings)
            }
        }
        if !changes.isEmpty { observe(.detected(DetectionOutcome(alerts: changes))) }
        return changes
    }

    private func look(
        _ connection: PostgresConnection,
        at now: Timestamp,
        _ settings: DetectionSettings,
    ) async throws -> [AlertChange] {
        let store = AlertStore(sql)
        var lifecycle = AlertLifecycle(settings.lifecycle)
        for episode in try await store.openEpisodes(connection, operational: true) { lifecycle.restore(episode) }
        let staleAfter = feedPause().map { $0 + .seconds(settings.operations.staleAfter) }
        let troubles = try await OperationalTroubles(connection, sql, staleAfter: staleAfter, at: now)
        guard !troubles.findings.isEmpty || !lifecycle.episodes.isEmpty else { return [] }

        let decisions = try await store.decisions(connection)
        var changes: [AlertChange] = []
        for finding in troubles.findings {
            let fingerprint = Fingerprint(finding).description
            let attention = decisions.attention(to: finding, open: lifecycle.episodes[fingerprint], settings.allow)
            let change = lifecycle.absorb(finding, of: fingerprint, at: now, attention: attention)
            if let change { changes.append(change) }
        }
        for episode in lifecycle.episodes.values where troubles.isOver(episode.finding) {
            if let change = lifecycle.resolve(episode.fingerprint, at: now) { changes.append(change) }
        }
        changes += lifecycle.advance(to: now)
        try await store.record(changes, at: now, connection)
        return changes
    }
}
