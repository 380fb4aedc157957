import Activity
import ActivitySQL
import Foundation
import Pipeline
import PostgresClient
import TestServers
import Testing

/// Every document equals the naive question asked of the raw table, over random histories and two feeding daemons.
@Suite(.serialized)
struct DifferentialTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyDocumentEqualsTheNaiveQuestion(seed: UInt64) async throws {
        let database = try await ActivityDatabase(seed.isMultiple(of: 2) ? .v10 : .v11)
        try await database.execute(NaiveAnswer.preparation)
        let writers = try await connections(5, to: database)
        var history = RandomHistory(seed: seed, writers: writers)
        var random = SeededGenerator(seed: ~seed)
        var reader = Reader(database)
        for checkpoint in 1...3 {
            for _ in 0..<150 {
                try await history.step()
                if Int.random(in: 0..<5, using: &random) == 0 { _ = try await database.ingest(batchSize: 50) }
            }
            if checkpoint == 3 { try await history.finish() }
            try await database.feed(batchSize: 37)
            try await reader.compare()
        }
        #expect(try await database.number("SELECT count(*) FROM activity.feed_gap") == 0)
        let total = try await database.number("SELECT count(*) FROM directus_activity")
        #expect(try await database.number("SELECT sum(events) FROM activity.fact") == total)
        #expect(total > 3_000)
    }

    @Test func twoDaemonsAtOnceCountEveryRowOnce() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(NaiveAnswer.preparation)
        let writers = try await connections(6, to: database)
        let isWritten = Gate()
        async let first: Void = feed(database, until: isWritten)
        async let second: Void = feed(database, until: isWritten)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { isWritten.open() }
            for (index, writer) in writers.enumerated() {
                group.addTask {
                    var history = RandomHistory(seed: UInt64(100 + index), writers: [writer])
                    for _ in 0..<250 { try await history.step() }
                    try await history.finish()
                }
            }
            try await group.waitForAll()
        }
        _ = try await (first, second)
        try await database.feed()
        var reader = Reader(database)
        try await reader.compare()
        let total = try await database.number("SELECT count(*) FROM directus_activity")
        #expect(try await database.number("SELECT sum(events) FROM activity.fact") == total)
        #expect(try await database.number("SELECT row_count FROM activity.feed") == total)
        #expect(try await database.number("SELECT count(*) FROM activity.feed_gap") == 0)
    }

    /// Not cancelled, because a cancelled statement may keep the feed's lock for a moment.
    private func feed(_ database: ActivityDatabase, until isWritten: Gate) async throws {
        while !isWritten.isOpen { _ = try await database.ingest(batchSize: 200) }
    }

    private func connections(_ count: Int, to database: ActivityDatabase) async throws -> [PostgresConnection] {
        var connections: [PostgresConnection] = []
        let configuration = PostgresConfiguration(connectionString: database.connectionString)
        for _ in 0..<count { connections.append(try await PostgresConnection.connect(configuration)) }
        return connections
    }
}

/// Loads and renders step by step as the daemon does, and compares with answers from the raw table.
private struct Reader {
    private let database: ActivityDatabase
    private var loaded: DataLoader.Loaded?
    private var snapshot: Snapshot?

    private static let windows = Windows(days: [1, 7, 90], hours: [24], alertHours: [1, 6, 24])
    private static let onDemand: [DocumentKey] = [
        .dashboard(days: 13), .collections(days: 366), .actions(days: 7, collection: "articles"),
        .actions(days: 7, collection: "never seen"), .ips(days: 2), .users(days: 60), .hourly(action: "never seen"),
        .alerts(hours: 3), .alerts(hours: 48), .user(id: "c4ca4238-a0b9-2382-0dcc-509a6f75849b", days: 90),
    ]

    init(_ database: ActivityDatabase) {
        self.database = database
    }

    mutating func compare() async throws {
        let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let earlier = loaded
        let loaded = try await database.client.withConnection { connection in
            try await DataLoader(database.sql).load(connection, after: earlier, now: now)
        }
        let generation = Generation(number: loaded.batch, fence: loaded.batch, computedAt: now)
        let snapshot = Snapshot(
            generation,
            of: loaded.data,
            windows: Self.windows,
            after: snapshot,
            change: loaded.change,
        )
        self.loaded = loaded
        self.snapshot = snapshot
        let naive = NaiveAnswer(client: database.client, now: now)
        for (key, document) in snapshot.documents { try await compare(key, document, naive) }
        for key in Self.onDemand { try await compare(key, try #require(snapshot.compute(key)), naive) }
        #expect(snapshot.compute(.user(id: "00000000-0000-0000-0000-000000000000", days: 7)) == nil)
        try await compareFreshLoad(with: snapshot)
    }

    /// What was loaded step by step is what a daemon that starts now would load.
    private func compareFreshLoad(with snapshot: Snapshot) async throws {
        let now = snapshot.generation.computedAt
        let fresh = try await database.client.withConnection { try await DataLoader(database.sql).load($0, now: now) }
        let expected = Snapshot(snapshot.generation, of: fresh.data, windows: Self.windows)
        #expect(Set(snapshot.documents.keys) == Set(expected.documents.keys))
    }

    private func compare(_ key: DocumentKey, _ document: Document, _ naive: NaiveAnswer) async throws {
        let body = try JSON(parsing: document.body())
        let expected = try await naive.data(of: key)
        #expect(body["data"] == expected, "\(key)")
        #expect(body["success"] == .boolean(true))
    }
}
