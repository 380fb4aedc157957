import Foundation
import PostgresClient
import RedisClient
import TestServers
import Testing

/// Streams of the whole daemon, through restarts of it and of Redis.
@Suite(.serialized)
struct AlertStreamDaemonTests {
    private static let table = """
        CREATE TABLE directus_activity (
            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50),
            collection varchar(64) NOT NULL, item varchar(255) NOT NULL
        );
        """

    private static func database() async throws -> (String, PostgresClient) {
        let server = try await PostgresServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        _ = try await client.withConnection { try await $0.execute(script: table) }
        return (database, client)
    }

    /// Commits events as the feed does, without numbers.
    private static func commit(_ count: Int, _ client: PostgresClient) async throws {
        _ = try await client.query(
            """
            INSERT INTO activity.alert_outbox (event_id, occurrence_id, event)
            SELECT id, 'occurrence', '{"specversion":"1.0","id":"' || id || '","data":{"status":"firing"}}'
            FROM (SELECT gen_random_uuid()::text AS id FROM generate_series(1, $1::int)) AS new
            """,
            [.int8(Int64(count))],
        )
    }

    @Test func resumesThroughRestartsOfTheDaemonAndOfRedis() async throws {
        let (database, client) = try await Self.database()
        let redis = try await RedisServer.start()
        let port = try FreePort.find()
        func start() async throws -> DaemonProcess {
            let daemon = try DaemonProcess(database: database, redis: redis.url, port: port)
            try await daemon.waitUntilReady()
            return daemon
        }
        var daemon = try await start()
        let reader = EventReader(URL(string: "http://127.0.0.1:\(port)/api/activity/alerts/stream?after=0"))
        try await Self.commit(20, client)
        try await eventually("the first events came") { reader.ids == Array(1...20) }

        #expect(await daemon.terminate() == 0)
        try await eventually("the stream said why it ended") { reader.comments.contains("the daemon is shutting down") }
        try await Self.commit(20, client)
        daemon = try await start()
        try await eventually("what was missed came") { reader.ids == Array(1...40) }

        await daemon.kill9()
        daemon = try await start()
        await redis.kill9()
        try await Self.commit(20, client)
        // Numbers are given once Redis says where its stream ends, and the stream waits for them.
        try await eventually("health says that Redis is away") { try await daemon.status(of: "redis") == "down" }
        #expect(reader.ids == Array(1...40))
        try await redis.startAgain()
        try await eventually("what waited for Redis came") { reader.ids == Array(1...60) }
        #expect(reader.resyncs.isEmpty)
        reader.stop()
        #expect(await daemon.terminate() == 0)
        await client.close()
        await redis.stop()
    }

    /// Two writers commit while readers connect: each of those gets every event once, in order.
    @Test func losesAndDoublesNothingOfWhatIsCommittedWhileReadersConnect() async throws {
        let (database, client) = try await Self.database()
        let daemon = try DaemonProcess(
            database: database,
            redis: try await RedisServer.shared.url,
            settings: ["redis.prefix=alert-readers:"],
        )
        try await daemon.waitUntilReady()
        let url = URL(string: "http://127.0.0.1:\(daemon.port)/api/activity/alerts/stream?after=0")
        var readers: [EventReader] = []
        for _ in 0..<40 {
            readers.append(EventReader(url))
            async let first: Void = Self.commit(12, client)
            try await Self.commit(11, client)
            try await first
        }
        for reader in readers {
            try await eventually("a reader has all") { reader.ids.count >= 920 }
            #expect(reader.ids == Array(1...920))
            #expect(reader.resyncs.isEmpty)
            reader.stop()
        }
        #expect(await daemon.terminate() == 0)
        await client.close()
    }

    @Test func showsWhatTheDetectorsFound() async throws {
        let (database, client) = try await Self.database()
        let daemon = try DaemonProcess(
            database: database,
            redis: try await RedisServer.shared.url,
            settings: ["redis.prefix=alert-stream:"],
        )
        try await daemon.waitUntilReady()
        let reader = EventReader(URL(string: "http://127.0.0.1:\(daemon.port)/api/activity/alerts/stream"))
        try await eventually("the stream is open") { reader.hasBegun }
        _ = try await client.query(
            """
            INSERT INTO directus_activity (action, "user", ip, collection, item)
            SELECT 'delete', '11111111-1111-4111-8111-111111111111', '192.0.2.9', 'articles', n::text
            FROM generate_series(1, 25) AS n
            """
        )
        try await eventually("the alert came") { !reader.ids.isEmpty }
        let event = try #require(reader.events.first)
        #expect(event["type"] as? String == "activityd.alert.firing")
        let data = try #require(event["data"] as? [String: Any])
        let list = try #require(try await daemon.get("/api/activity/alerts"))
        #expect(list.status == 200)
        let alerts = try #require(list.body["data"] as? [[String: Any]])
        #expect(alerts.contains { $0["occurrenceId"] as? String == data["occurrenceId"] as? String })
        #expect(Set(data.keys).isSubset(of: Set(alerts.flatMap(\.keys))))
        let events = try #require(try await daemon.get("/api/activity/alerts?after=0"))
        #expect((events.body["data"] as? [[String: Any]])?.first?["id"] as? String == event["id"] as? String)
        reader.stop()
        #expect(await daemon.terminate() == 0)
        await client.close()
    }
}
