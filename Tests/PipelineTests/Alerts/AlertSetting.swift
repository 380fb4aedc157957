import Activity
import ActivitySQL
import NIOPosix
import Pipeline
import PostgresClient
import RedisClient
import TestServers

/// A database and a Redis for alerts, with a client that is connected and a subscriber that listens.
struct AlertSetting: Sendable {
    let database: ActivityDatabase
    let server: RedisServer
    let redis: RedisClient
    let listener: AlertListener
    let relays: [Relay]
    let observations: Observations

    static let now = Timestamp(seconds: 1_700_000_000)

    /// Runs the body with relays of their own connections to Redis beside it, and ends everything afterwards.
    static func with(
        relays: Int = 1,
        redisOptions: [String] = [],
        postgres: PostgresServer? = nil,
        adjust: (inout Relay.Settings) -> Void = { _ in },
        _ body: (AlertSetting) async throws -> Void,
    ) async throws {
        let server = try await RedisServer.start(options: redisOptions)
        try await with(server, at: server.url, relays: relays, postgres: postgres, adjust: adjust, body)
        await server.stop()
    }

    /// The same with a server that somebody else ends, and that is reached at this URL.
    static func with(
        _ server: RedisServer,
        at url: String,
        relays: Int = 1,
        postgres: PostgresServer? = nil,
        adjust: (inout Relay.Settings) -> Void = { _ in },
        _ body: (AlertSetting) async throws -> Void,
    ) async throws {
        let database = try await ActivityDatabase(on: postgres)
        let observations = Observations()
        var settings = Self.settings
        adjust(&settings)
        let clients = try (0..<relays).map { _ in try client(of: url) }
        let setting = AlertSetting(
            database: database,
            server: server,
            redis: try client(of: url),
            listener: AlertListener(),
            relays: clients.map {
                Relay(database.client, database.sql, $0, settings: settings, observe: observations.record)
            },
            observations: observations,
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            for client in clients + [setting.redis] { group.addTask { await client.run() } }
            group.addTask { await setting.listener.listen(setting.redis) }
            try await eventually("somebody listens") { setting.listener.isListening }
            for relay in setting.relays { group.addTask { await relay.run() } }
            try await body(setting)
        }
    }

    private static func client(of url: String) throws -> RedisClient {
        RedisClient(try RedisConfiguration(url: url), eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    }

    private static var settings: Relay.Settings {
        let begins = Gate()
        begins.open()
        var settings = Relay.Settings(
            prefix: "activity:",
            source: Relay.source(schema: "activity"),
            heartbeat: .seconds(3600),
            begins: begins,
            now: { now },
        )
        settings.poll = .milliseconds(20)
        settings.backoff = Backoff(base: .milliseconds(10), limit: .milliseconds(200))
        return settings
    }

    // MARK: - PostgreSQL

    /// Commits events that have no number yet, in one transaction.
    func write(_ count: Int, padding: Int = 0) async throws {
        _ = try await database.client.query(Self.insertion, [.int4(Int32(count)), .int4(Int32(padding))])
    }

    static let insertion = """
        INSERT INTO activity.alert_outbox (event_id, occurrence_id, event)
        SELECT id, 'occurrence',
            '{"specversion":"1.0","id":"' || id || '","type":"activityd.alert.firing",'
                || '"data":"' || repeat('x', $2) || '"}'
        FROM (SELECT gen_random_uuid()::text AS id FROM generate_series(1, $1)) AS new
        """

    func delivered() async throws -> Int {
        try await database.number("SELECT delivered FROM activity.relay")
    }

    /// Waits until every event up to this number is confirmed.
    func waitUntilDelivered(_ sequence: Int) async throws {
        try await eventually("\(sequence) is delivered") { try await delivered() >= sequence }
    }

    // MARK: - Redis

    func redis(_ command: String) async throws {
        let words = command.split(separator: " ").map(String.init)
        _ = try await send(RedisCommand(words[0], words.dropFirst().map { RedisArgument($0) }))
    }

    /// Entries of the stream: the number in the id, and the event.
    func stream() async throws -> [(sequence: Int, event: String)] {
        let reply = try await send(RedisCommand("XRANGE", "activity:alerts:stream", "-", "+"))
        return (reply.elements ?? []).compactMap { entry in
            guard let parts = entry.elements, parts.count == 2, let id = parts[0].text, id.hasSuffix("-0"),
                let number = Int(id.dropLast(2)), let event = parts[1].elements?.last?.text
            else { return nil }
            return (number, event)
        }
    }

    /// Sends a command again when its connection is lost, as it is with a server that was killed.
    private func send(_ command: RedisCommand) async throws -> RESPValue {
        while true {
            do throws(RedisError) {
                return try await redis.send(command)
            } catch {
                guard error.code == .connectionLost else { throw error }
            }
        }
    }

    func sequences() async throws -> [Int] {
        try await stream().map(\.sequence)
    }
}
