package import ActivitySQL
package import PostgresClient
import Synchronization

/// Feeds a backlog to its end: the job `ingest`.
///
/// Checks Directus's table before its first batch, and again after every failure, so that the message names what is
/// wrong with it rather than a statement that failed.
package final class Feeder: Sendable {
    private let postgres: PostgresClient
    private let sql: ActivitySQL
    private let feed: Feed
    private let caughtUp: Gate
    private let pulse: Pulse
    private let observe: @Sendable (PipelineObservation) -> Void
    private let state = Mutex(State())

    private struct State {
        var isChecked = false
        /// Whether a call of this daemon feeds. One alone gives the pulse, or others would beat for one that hangs.
        var isUnderWay = false

        mutating func begin() -> Bool {
            defer { isUnderWay = true }
            return !isUnderWay
        }
    }

    /// A feeder that opens `caughtUp` when the facts first cover every visible row, and gives `pulse` as long as it feeds.
    package init(
        _ postgres: PostgresClient,
        _ sql: ActivitySQL,
        batchSize: Int,
        detection: FeedDetection,
        caughtUp: Gate,
        pulse: Pulse = Pulse(),
        observe: @escaping @Sendable (PipelineObservation) -> Void,
    ) {
        self.postgres = postgres
        self.sql = sql
        feed = Feed(sql, batchSize: batchSize, detection: detection)
        self.caughtUp = caughtUp
        self.pulse = pulse
        self.observe = observe
    }

    /// Feeds until no more rows are visible than one batch takes, or another daemon is at it.
    ///
    /// - Returns: the rows fed; nil when another feed was under way from the start, here or elsewhere.
    /// - Throws: `SourceTableError`, `PostgresError`; what was committed before stays.
    package func feedBacklog() async throws -> Int? {
        guard state.withLock({ $0.begin() }) else { return nil }
        defer {
            pulse.rest()
            state.withLock { $0.isUnderWay = false }
        }
        do {
            return try await Pulse.$current.withValue(pulse) {
                try await check()
                return try await feedChecked()
            }
        } catch {
            state.withLock { $0.isChecked = false }
            if !Task.isCancelled { observe(.feedFailed(error)) }
            throw error
        }
    }

    /// Looks whether the facts cover every visible row, as long as nobody here knows that they do.
    ///
    /// For a daemon whose slots another one runs, and for the start of each.
    package func follow() async {
        guard !caughtUp.isOpen else { return }
        // The failure has been observed, and the next slot tries again.
        _ = try? await feedBacklog()
    }

    private func check() async throws {
        guard !state.withLock(\.isChecked) else { return }
        try await withConnection { try await SourceTable(sql).check($0) }
        state.withLock { $0.isChecked = true }
    }

    /// Whoever waits until others give a connection back is at rest.
    private func withConnection<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        pulse.rest()
        return try await postgres.withConnection { connection in
            pulse.beat()
            return try await body(connection)
        }
    }

    private func feedChecked() async throws -> Int? {
        let clock = ContinuousClock()
        var rows: Int?
        while true {
            let start = clock.now
            let outcome = try await withConnection { try await feed.ingest($0) }
            guard case .batch(let batch) = outcome else { return rows }
            rows = (rows ?? 0) + batch.rows
            observe(.fed(batch, duration: start.duration(to: clock.now)))
            if batch.detected != DetectionOutcome() { observe(.detected(batch.detected)) }
            guard !batch.hasMore else { continue }
            if caughtUp.open() { observe(.caughtUp(totalRows: batch.totalRows)) }
            return rows
        }
    }
}
