import Foundation
import NIOPosix
import PostgresClient
import RedisClient
import Synchronization
import TestServers
import Testing

/// From rows of Directus's table to a subscriber, through the whole daemon.
struct AlertDaemonTests {
    private static let settings = ["jobs.ingest.schedule=1 seconds", "jobs.precompute.schedule=1 seconds"]

    @Test func tellsASubscriberOfAMassDeletionOnce() async throws {
        try await withServers { client, database, redis, channel in
            let daemon = try DaemonProcess(database: database, redis: redis.configurationURL, settings: Self.settings)
            try await daemon.waitUntilReady()
            let user = UUID().uuidString.lowercased()
            try await client.attack(by: user)
            try await eventually("the subscriber hears of it") { !channel.firing.isEmpty }
            let event = try #require(channel.firing.first)
            #expect(event.envelope["specversion"] as? String == "1.0")
            #expect(event.envelope["source"] as? String == "/activityd/activity")
            #expect(event.user == user)
            #expect(event.data["count"] as? Int == 25)
            #expect(event.data["collection"] as? String == "articles")
            let stream = try await Event.stream(redis.client)
            #expect(stream.contains { $0.json == event.json })
            #expect(stream.map(\.sequence) == Array(1...stream.count))

            // Both the same whether or not there are alerts of the new kind.
            try await client.flood(from: "203.0.113.9")
            try await eventually("the predecessor's clients see the flooding address") {
                let answer = try await daemon.get("/api/activity/security/alerts?hours=1&threshold=100")
                let rows = answer?.body["data"] as? [[String: Any]] ?? []
                return answer?.body["count"] as? Int == rows.count
                    && rows.contains { $0["ip"] as? String == "203.0.113.9" && $0["count"] as? Int == 600 }
            }
            #expect(await daemon.terminate() == 0)
        }
    }

    /// Killed before the rows are read, when the alert is there, and when its event is under way.
    @Test func tellsOfEachAttackOnceHoweverOftenItIsKilled() async throws {
        let moments = [
            "SELECT 1",
            "SELECT 1 FROM activity.alert WHERE data->>'userId' = $1",
            "SELECT 1 FROM activity.alert_outbox WHERE relay_seq IS NOT NULL AND event LIKE '%' || $1 || '%'",
        ]
        try await withServers { client, database, redis, channel in
            var daemon = try DaemonProcess(database: database, redis: redis.configurationURL, settings: Self.settings)
            try await daemon.waitUntilReady()
            var users: [String] = []
            for moment in moments + moments {
                let user = UUID().uuidString.lowercased()
                users.append(user)
                try await client.attack(by: user)
                try await eventually("the moment has come") {
                    try await client.query(moment, moment.contains("$1") ? [.text(user)] : []).rowCount > 0
                }
                await daemon.kill9()
                daemon = try DaemonProcess(database: database, redis: redis.configurationURL, settings: Self.settings)
            }
            try await daemon.waitUntilReady()
            try await eventually("the subscriber hears of all") { channel.firing.count >= users.count }
            try await eventually("all events are delivered") {
                try await client.query("SELECT numbered = delivered AND numbered > 0 FROM activity.relay").value(0, 0)
            }
            #expect(channel.firing.compactMap(\.user).sorted() == users.sorted())
            let stream = try await Event.stream(redis.client)
            #expect(stream.filter(\.isFiring).compactMap(\.user).sorted() == users.sorted())
            #expect(stream.map(\.sequence) == Array(1...stream.count))
            #expect(Set(stream.map(\.id)).count == stream.count)
            #expect(await daemon.terminate() == 0)
        }
    }

    // MARK: - Support

    private struct Redis {
        let client: RedisClient
        let configurationURL: String
    }

    private static let table = """
        CREATE TABLE directus_activity (
            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50), user_agent text,
            collection varchar(64) NOT NULL, item varchar(255) NOT NULL, origin varchar(255)
        )
        """

    /// Runs the body with a database, a Redis and somebody who listens.
    private func withServers(
        _ body: (PostgresClient, _ database: String, Redis, Channel) async throws -> Void
    ) async throws {
        let server = try await PostgresServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        _ = try await client.withConnection { try await $0.execute(script: Self.table) }
        let redis = try await RedisServer.start()
        let connection = RedisClient(
            try RedisConfiguration(url: redis.url),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        )
        let channel = Channel()
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await connection.run() }
            group.addTask { try await channel.listen(connection) }
            try await eventually("somebody listens") { channel.isListening }
            try await body(client, database, Redis(client: connection, configurationURL: redis.url), channel)
        }
        await client.close()
        await redis.stop()
    }

    /// A CloudEvent.
    private struct Event {
        let json: String

        var envelope: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]) ?? [:]
        }
        var data: [String: Any] { envelope["data"] as? [String: Any] ?? [:] }
        var id: String? { envelope["id"] as? String }
        var sequence: Int? { (envelope["sequence"] as? String).flatMap { Int($0) } }
        var user: String? { data["userId"] as? String }
        /// Whether it begins an alert about many deletions.
        var isFiring: Bool {
            envelope["type"] as? String == "activityd.alert.firing" && data["alertType"] as? String == "MASS_DELETE"
        }

        /// What the stream holds.
        static func stream(_ redis: RedisClient) async throws -> [Event] {
            let reply = try await redis.send(RedisCommand("XRANGE", "activity:alerts:stream", "-", "+"))
            return try (reply.elements ?? []).map { entry in
                Event(json: try #require(entry.elements?.last?.elements?.last?.text))
            }
        }
    }

    /// What a subscriber has heard.
    private final class Channel: Sendable {
        private let state = Mutex<(isListening: Bool, events: [Event])>((false, []))

        var isListening: Bool { state.withLock(\.isListening) }
        var firing: [Event] { state.withLock(\.events).filter(\.isFiring) }

        func listen(_ redis: RedisClient) async throws {
            for try await event in redis.subscribe(to: ["activity:alerts"]) {
                state.withLock { state in
                    switch event {
                    case .subscribed: state.isListening = true
                    case .message(_, let payload):
                        state.events.append(Event(json: String(decoding: payload, as: UTF8.self)))
                    }
                }
            }
        }
    }
}

extension PostgresClient {
    /// Commits 25 deletions of a user in one transaction.
    fileprivate func attack(by user: String) async throws {
        _ = try await query(
            """
            INSERT INTO directus_activity (action, "user", ip, collection, item)
            SELECT 'delete', $1::uuid, '198.51.100.7', 'articles', n FROM generate_series(1, 25) AS n
            """,
            [.text(user)],
        )
    }

    /// Commits 600 rows of one address in one collection, and some of others.
    fileprivate func flood(from address: String) async throws {
        _ = try await query(
            """
            INSERT INTO directus_activity (action, "user", ip, collection, item)
            SELECT 'update', gen_random_uuid(), CASE WHEN n <= 600 THEN $1 ELSE '198.51.100.' || n % 2 END, 'pages', n
            FROM generate_series(1, 610) AS n
            """,
            [.text(address)],
        )
    }
}
