import Foundation
import PostgresClient
import TestServers
import Testing

/// What a real daemon tells its service manager.
@Suite(.serialized) struct SupervisionTests {
    private static let schema = """
        CREATE TABLE directus_activity (
            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50), user_agent text,
            collection varchar(64) NOT NULL, item varchar(255) NOT NULL, origin varchar(255)
        );
        INSERT INTO directus_activity (action, "timestamp", ip, collection, item)
        SELECT 'create', now() - n * interval '1 minute', '10.0.0.1', 'c', 'x' FROM generate_series(1, 1000) AS n;
        """

    private static func makeDatabase() async throws -> String {
        let server = try await PostgresServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        try await execute(schema, in: database)
        return database
    }

    private static func execute(_ script: String, in database: String) async throws {
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        _ = try await client.withConnection { try await $0.execute(script: script) }
        await client.close()
    }

    private static func start(
        _ manager: NotifyListener,
        database: String,
        redis: String,
        settings: [String] = [],
        arguments: [String] = [],
        watchdog: String = "3000000",
    ) throws -> DaemonProcess {
        try DaemonProcess(
            database: database,
            redis: redis,
            settings: ["redis.prefix=supervised:"] + settings,
            arguments: arguments,
            environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": watchdog],
        )
    }

    @Test func isReadyWhenItAnswersAndSaysWhenItStops() async throws {
        let manager = try NotifyListener()
        let daemon = try Self.start(
            manager,
            database: try await Self.makeDatabase(),
            redis: try await RedisServer.shared.url,
        )
        try await eventually("READY is said") { manager.count(of: "READY=1") == 1 }
        // On a machine that is busy READY may be said before there are documents, which have a few seconds to come.
        try await eventually("all is served") { try await daemon.total(days: 7) == 1000 }
        #expect(daemon.lines.contains { $0.contains(" notice ready start.seconds=") })
        try await eventually("the status says so") { manager.status?.hasPrefix("1,000 rows fed, no lag") == true }
        try await eventually("the watchdog is fed") { manager.count(of: "WATCHDOG=1") >= 5 }
        #expect(await daemon.terminate() == 0)
        let end = manager.assignments.drop { $0 != "STOPPING=1" }
        #expect(end.count { $0 == "STOPPING=1" } == 1)
        #expect(end.contains { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") })
        #expect(end.contains("STATUS=stopping"))
        #expect(daemon.lines.contains { $0.hasSuffix(" notice stopping") })
    }

    @Test func isReadyWithoutItsStoresAndNamesThem() async throws {
        let manager = try NotifyListener()
        let daemon = try Self.start(manager, database: "host=/nowhere", redis: "unix:///nowhere")
        try await eventually("READY is said") { manager.count(of: "READY=1") == 1 }
        try await eventually("the status names both") {
            let status = manager.status ?? ""
            return status.contains("postgres down, retrying: ") && status.contains("redis down, retrying: ")
        }
        let fed = manager.count(of: "WATCHDOG=1")
        try await eventually("the watchdog is fed all the same") { manager.count(of: "WATCHDOG=1") > fed + 3 }
        for store in ["postgres", "redis"] {
            #expect(daemon.lines.count { $0.contains("error store lost ") && $0.contains("store.name=\(store)") } == 1)
        }
        // What the manager sends when it is not fed; a handler of Swift's runtime would let the daemon live on.
        daemon.signal(SIGABRT)
        #expect(await daemon.waitForEnd() == nil)
    }

    @Test func reloadsAndSaysThatItRefused() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "activityd-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        func write(_ text: String) throws { try text.write(to: file, atomically: true, encoding: .utf8) }
        try write("log: {level: info}")
        let manager = try NotifyListener()
        let daemon = try Self.start(
            manager,
            database: try await Self.makeDatabase(),
            redis: try await RedisServer.shared.url,
            arguments: ["--config", file.path],
        )
        try await eventually("READY is said") { manager.count(of: "READY=1") == 1 }
        try write("log: {level: loud}")
        daemon.signal(SIGHUP)
        try await eventually("READY is said again") { manager.count(of: "READY=1") == 2 }
        let reload = try #require(manager.messages.first { $0.contains("RELOADING=1") })
        #expect(reload.count == 2 && reload[1].hasPrefix("MONOTONIC_USEC="))
        #expect(manager.status?.hasPrefix("new configuration refused, the old one is kept: ") == true)
        #expect(daemon.lines.contains { $0.contains("configuration refused, nothing changed") })
        #expect(!daemon.lines.contains { $0.contains(" debug ") })

        try write("log: {level: debug}\njobs: {precompute: {schedule: 5 seconds}}")
        daemon.signal(SIGHUP)
        try await eventually("READY is said again") { manager.count(of: "READY=1") == 3 }
        try await eventually("the level is another") { daemon.lines.contains { $0.contains(" debug ") } }
        #expect(manager.status?.contains("refused") == false)
        let changed = "configuration.changed=\"log.level, jobs.precompute.schedule\""
        #expect(daemon.lines.contains { $0.contains(changed) && !$0.contains("needsRestart") })
        try await eventually("readers are told to ask more often") {
            try await daemon.get("/api/activity/ips?days=3")?.headers["Cache-Control"]?.contains("max-age=5,") == true
        }
        #expect(await daemon.terminate() == 0)
    }

    @Test func endsWhereANewerProgramMadeTheSchema() async throws {
        let manager = try NotifyListener()
        let (database, redis) = (try await Self.makeDatabase(), try await RedisServer.shared.url)
        let first = try Self.start(manager, database: database, redis: redis)
        try await first.waitUntilReady()
        #expect(await first.terminate() == 0)
        try await Self.execute("INSERT INTO activity.schema_migration VALUES (9999, 'future', '')", in: database)
        let second = try Self.start(manager, database: database, redis: redis)
        #expect(await second.waitForEnd() == 65)
        #expect(manager.status?.hasPrefix("failed: schema \"activity\" is at version 9999") == true)
    }

    @Test func saysWhyItCouldNotListen() async throws {
        let listener = try SilentListener()
        let manager = try NotifyListener()
        let daemon = try Self.start(
            manager,
            database: "host=/nowhere",
            redis: "unix:///nowhere",
            settings: ["http.listen=127.0.0.1:\(listener.port)"],
        )
        #expect(await daemon.waitForEnd() == 1)
        let reason = "cannot listen on host 127.0.0.1, port \(listener.port): another process listens there"
        #expect(daemon.lines.contains("activityd: \(reason)"))
        #expect(manager.status == "failed: \(reason)")
        #expect(manager.count(of: "READY=1") == 0)
    }
}
