package import ActivitySQL
import AsyncAlgorithms
package import PostgresClient
import ServiceLifecycle

/// Runs the feed: every interval, and without a pause while there is a backlog.
///
/// Brings the schema up to date and checks Directus's table before its first batch, and again after every failure, so
/// that a daemon that was started too early or lost its server recovers by itself.
package final class Feeder: Service {
    private let postgres: PostgresClient
    private let sql: ActivitySQL
    private let feed: Feed
    private let interval: Duration
    private let caughtUp: Gate
    private let observe: @Sendable (PipelineObservation) -> Void

    /// A feeder that takes a batch every `interval`, and opens `caughtUp` when the facts first cover every visible row.
    package init(
        _ postgres: PostgresClient,
        _ sql: ActivitySQL,
        batchSize: Int,
        interval: Duration,
        caughtUp: Gate,
        observe: @escaping @Sendable (PipelineObservation) -> Void,
    ) {
        self.postgres = postgres
        self.sql = sql
        feed = Feed(sql, batchSize: batchSize)
        self.interval = interval
        self.caughtUp = caughtUp
        self.observe = observe
    }

    /// Feeds until the task is cancelled or the service group shuts down.
    package func run() async {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff(base: .seconds(1), limit: .seconds(30))
            while !Task.isCancelled {
                do {
                    try await self.prepare()
                    try await self.feedEveryInterval { backoff.reset() }
                } catch is CancellationError {
                    return
                } catch {
                    let pause = backoff.next()
                    self.observe(.feedFailed(error, retryAfter: pause))
                    // The back-off. Cancelling ends it early, and the loop sees that.
                    try? await Task.sleep(for: pause)
                }
            }
        }
    }

    private func prepare() async throws {
        try await postgres.withConnection { connection in
            for migration in try await Migrator(sql.ownSchema).migrate(connection) {
                observe(.migrated(version: migration.version, name: migration.name))
            }
            try await SourceTable(sql).check(connection)
        }
    }

    private func feedEveryInterval(_ succeeded: () -> Void) async throws {
        try await feedBacklog()
        succeeded()
        for await _ in AsyncTimerSequence(interval: interval, clock: .continuous) { try await feedBacklog() }
        throw CancellationError()
    }

    /// Feeds until no more rows are visible than one batch takes, or another daemon is at it.
    private func feedBacklog() async throws {
        let clock = ContinuousClock()
        while true {
            let start = clock.now
            let outcome = try await postgres.withConnection { try await feed.ingest($0) }
            guard case .batch(let batch) = outcome else { return }
            observe(.fed(batch, duration: start.duration(to: clock.now)))
            guard !batch.hasMore else { continue }
            if caughtUp.open() { observe(.caughtUp(totalRows: batch.totalRows)) }
            return
        }
    }
}
