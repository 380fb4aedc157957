package import Activity
package import ActivitySQL
import PostgresClient
import RedisClient
import ServiceLifecycle

/// Computes a generation of all documents: as soon as there can be one, and whenever it is asked to.
///
/// The snapshot is replaced first, so readers over HTTP never wait for Redis.
package actor Precompute: Service {
    private let servers: DatabaseServers
    private let sql: ActivitySQL
    private let snapshots: SnapshotStore
    private let publisher: Publisher
    private let settings: Settings
    private let observe: @Sendable (PipelineObservation) -> Void

    private var loaded: DataLoader.Loaded?
    private var newest: Task<Void, any Error>?
    private var underWay = 0

    /// How documents are computed.
    package struct Settings: Sendable {
        /// What is rendered ahead.
        package var windows: Windows
        /// No generation is computed before this gate opens: facts that lack rows would be wrong.
        package var begins: Gate
        /// The time; the end of all windows.
        package var now: @Sendable () -> Timestamp

        /// Settings from their parts.
        package init(windows: Windows, begins: Gate, now: @escaping @Sendable () -> Timestamp) {
            self.windows = windows
            self.begins = begins
            self.now = now
        }
    }

    /// A service that puts each generation into `snapshots`, for readers over HTTP, and hands it to `publisher`.
    package init(
        _ servers: DatabaseServers,
        _ sql: ActivitySQL,
        snapshots: SnapshotStore,
        publisher: Publisher,
        settings: Settings,
        observe: @escaping @Sendable (PipelineObservation) -> Void,
    ) {
        self.servers = servers
        self.sql = sql
        self.snapshots = snapshots
        self.publisher = publisher
        self.settings = settings
        self.observe = observe
    }

    /// Computes the first generation once the facts are complete; the others are slots of the job `precompute`.
    ///
    /// Lasts until the task is cancelled or the service group shuts down.
    package func run() async {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff(base: .seconds(1), limit: .seconds(30))
            guard (try? await self.settings.begins.wait()) != nil else { return }
            while !Task.isCancelled, self.snapshots.current == nil {
                // The failure has been observed. Cancelling ends the back-off early, and the loop sees that.
                if (try? await self.refresh()) == nil { try? await Task.sleep(for: backoff.next()) }
            }
        }
        try? await gracefulShutdown()
    }

    /// Whether a refresh is under way.
    package var isBusy: Bool { underWay > 0 }

    /// Computes one generation, serves it, and publishes it to Redis.
    ///
    /// Refreshes run one after the other. Redis being away is observed and not thrown: memory is served all the same.
    ///
    /// - Throws: `FactsIncompleteError` during the first run, `PostgresError` when the data could not be read; the last
    ///   generation is still served then.
    package func refresh() async throws {
        try await refresh(publishes: true)
    }

    /// Computes one generation and serves it, while another daemon publishes.
    package func follow() async {
        guard settings.begins.isOpen, !isBusy else { return }
        // The failure has been observed, and the next slot tries again.
        try? await refresh(publishes: false)
    }

    private func refresh(publishes: Bool) async throws {
        guard settings.begins.isOpen else { throw FactsIncompleteError() }
        underWay += 1
        defer { underWay -= 1 }
        let previous = newest
        // Unstructured, so that a caller who gives up does not end a refresh that others wait for.
        let refresh = Task {
            _ = await previous?.result
            let snapshot = try await self.computeNext()
            if publishes { await self.publish(snapshot) }
        }
        newest = refresh
        try await refresh.value
    }

    /// Deletes the published documents from Redis and publishes a new generation.
    ///
    /// - Throws: `RedisError` when nothing could be deleted, `PostgresError` as `refresh`.
    package func clearAndRefresh() async throws {
        if let snapshot = snapshots.current { try await publisher.clear(snapshot) }
        try await refresh()
    }

    private func computeNext() async throws -> Snapshot {
        do {
            return try await compute()
        } catch {
            // The server may have failed over to one that lacks the last commits: nothing loaded before counts.
            loaded = nil
            observe(.refreshFailed(error))
            throw error
        }
    }

    private func publish(_ snapshot: Snapshot) async {
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let outcome = try await publisher.publish(snapshot)
            observe(.published(outcome, duration: start.duration(to: clock.now)))
        } catch {
            observe(.publishFailed(error))
        }
    }

    private func compute() async throws -> Snapshot {
        let clock = ContinuousClock()
        let start = clock.now
        let now = settings.now()
        // Drawn before anything is read: of two daemons, the one with the larger number began later.
        let drawn = try await servers.primary.query("SELECT nextval($1::regclass)", [.text(sql.generations)])
        let number: Int64 = try drawn.value(0, 0)
        let earlier = loaded
        let loaded = try await servers.withReader { connection in
            try await DataLoader(sql).load(connection, after: earlier, now: now)
        }
        let read = clock.now
        let snapshot = Snapshot(
            Generation(number: number, fence: loaded.batch, computedAt: now),
            of: loaded.data,
            windows: settings.windows,
            after: snapshots.current,
            change: loaded.change,
        )
        self.loaded = loaded
        snapshots.replace(with: snapshot)
        observe(
            .refreshed(
                PipelineObservation.Refresh(
                    generation: snapshot.generation,
                    dataThrough: snapshot.dataThrough,
                    documents: snapshot.documents.count,
                    facts: loaded.data.cube.factCount,
                    load: start.duration(to: read),
                    render: read.duration(to: clock.now),
                )
            )
        )
        return snapshot
    }
}

/// The facts do not cover the table yet, so documents made of them would be wrong.
package struct FactsIncompleteError: Error, CustomStringConvertible {
    package let description = "the feed has not caught up with directus_activity yet"
}
