import Foundation
import NIOPosix
import PostgresClient
import RedisClient
import TestServers
import Testing

/// Daemons that are killed while they relay, beside a Redis that is killed too.
struct AlertChaosTests {
    private static let events = 60_000
    private static let schema = """
        CREATE TABLE directus_activity (
            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50), user_agent text,
            collection varchar(64) NOT NULL, item varchar(255) NOT NULL, origin varchar(255)
        )
        """
    private static let insertion = """
        INSERT INTO activity.alert_outbox (event_id, occurrence_id, event)
        SELECT id, 'occurrence', '{"specversion":"1.0","id":"' || id || '"}'
        FROM (SELECT gen_random_uuid()::text AS id FROM generate_series(1, \(events))) AS new
        """

    @Test func relaysEachEventOnceWhoeverIsKilled() async throws {
        let server = try await PostgresServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        let redis = try await RedisServer.start()
        _ = try await client.withConnection { try await $0.execute(script: Self.schema) }
        func start() throws -> DaemonProcess { try DaemonProcess(database: database, redis: redis.url) }
        func delivered() async throws -> Int64 {
            try await client.query("SELECT delivered FROM activity.relay").value(0, 0)
        }
        var daemons = try [start(), start()]
        for daemon in daemons { try await daemon.waitUntilReady() }
        _ = try await client.query(Self.insertion)
        for round in 0..<6 {
            let before = try await delivered()
            try await eventually("events are relayed in round \(round)") {
                let now = try await delivered()
                return now > before || now == Self.events
            }
            if round == 3 {
                await redis.kill9()
                try await redis.startAgain()
            }
            daemons[round % 2].kill9()
            daemons[round % 2] = try start()
        }
        try await eventually("all are delivered", within: .seconds(60)) { try await delivered() == Self.events }
        try await eventually("health says so") {
            try await daemons[0].member("lastSequence", of: "alerts") as? Int == Self.events
        }
        #expect(try await daemons[0].member("pending", of: "alerts") as? Int == 0)
        for daemon in daemons { #expect(daemon.terminate() == 0) }
        #expect(try await Self.sequences(redis) == Array(1...Self.events))
        await client.close()
        await redis.stop()
    }

    /// What the stream holds.
    private static func sequences(_ server: RedisServer) async throws -> [Int] {
        let redis = RedisClient(
            try RedisConfiguration(url: server.url),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await redis.run() }
            defer { group.cancelAll() }
            let reply = try await redis.send(RedisCommand("XRANGE", "activity:alerts:stream", "-", "+"))
            return (reply.elements ?? []).compactMap { entry in
                (entry.elements?.first?.text).flatMap { id in id.hasSuffix("-0") ? Int(id.dropLast(2)) : nil }
            }
        }
    }
}
