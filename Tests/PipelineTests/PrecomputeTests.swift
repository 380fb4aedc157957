import Activity
import Foundation
import NIOPosix
import Pipeline
import RedisClient
import Synchronization
import TestServers
import Testing

struct PrecomputeTests {
    @Test func refusesToComputeBeforeTheFirstRunIsComplete() async throws {
        let database = try await ActivityDatabase()
        let precompute = try precompute(database, begins: Gate())
        await #expect(throws: FactsIncompleteError.self) { try await precompute.refresh() }
    }

    @Test func servesWhatItComputedAlthoughRedisIsAway() async throws {
        let database = try await ActivityDatabase()
        try await insertRow(database)
        let snapshots = SnapshotStore()
        let failures = Mutex(0)
        let precompute = try precompute(database, snapshots: snapshots) { observation in
            if case .publishFailed = observation { failures.withLock { $0 += 1 } }
        }
        try await database.feed()
        try await precompute.refresh()
        #expect(try dashboard(snapshots).contains("\"totalActivity\":1,"))
        #expect(failures.withLock { $0 } == 1)
        try await insertRow(database)
        try await database.feed()
        try await precompute.refresh()
        #expect(try dashboard(snapshots).contains("\"totalActivity\":2,"))
    }

    /// A server that fails over may come back without the last commits, and with numbers that were used before.
    @Test func forgetsWhatItLoadedWhenAReadFailed() async throws {
        let database = try await ActivityDatabase()
        try await insertRow(database)
        try await database.feed()
        let snapshots = SnapshotStore()
        let precompute = try precompute(database, snapshots: snapshots)
        try await precompute.refresh()
        try await database.execute("ALTER TABLE activity.feed RENAME TO feed_away; DELETE FROM activity.fact")
        await #expect(throws: (any Error).self) { try await precompute.refresh() }
        #expect(try dashboard(snapshots).contains("\"totalActivity\":1,"))
        try await database.execute("ALTER TABLE activity.feed_away RENAME TO feed")
        try await precompute.refresh()
        #expect(try dashboard(snapshots).contains("\"totalActivity\":0,"))
    }

    private func insertRow(_ database: ActivityDatabase) async throws {
        try await database.execute(
            "INSERT INTO directus_activity (action, collection, item) VALUES ('create', 'a', 'x')"
        )
    }

    private func dashboard(_ snapshots: SnapshotStore) throws -> String {
        let document = try #require(snapshots.current?.documents[.dashboard(days: 7)])
        return String(decoding: document.body(), as: UTF8.self)
    }

    /// With a Redis that nobody connects to.
    private func precompute(
        _ database: ActivityDatabase,
        begins: Gate? = nil,
        snapshots: SnapshotStore = SnapshotStore(),
        observe: @escaping @Sendable (PipelineObservation) -> Void = { _ in },
    ) throws -> Precompute {
        let opened = Gate()
        opened.open()
        var configuration = try RedisConfiguration(url: "redis://127.0.0.1:1")
        configuration.commandTimeout = .milliseconds(50)
        let redis = RedisClient(configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        return Precompute(
            database.servers,
            database.sql,
            snapshots: snapshots,
            publisher: Publisher(redis, prefix: "activity:", timeToLive: { .seconds(60) }),
            settings: Precompute.Settings(
                windows: Windows(),

                begins: begins ?? opened,
                now: { Self.now },
            ),
            observe: observe,
        )
    }

    private static var now: Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
