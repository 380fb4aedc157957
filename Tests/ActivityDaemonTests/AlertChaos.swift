import Foundation
import PostgresClient
import TestServers

/// Two daemons that relay alerts to a Redis with sentinels, and everything that can happen to them.
final class AlertChaos {
    /// What happens to Redis.
    enum Trouble: CaseIterable {
        /// The sentinels make the replica the master while both run.
        case failedOver
        case flushed
        /// Comes back at once, with what it had on disk.
        case killed
        case readOnly
        case full
        /// The sentinels make the replica the master because the master is gone; later it comes back as it was. Not right
        /// after another failover: they would wait for ten seconds.
        case replaced
    }

    let client: PostgresClient
    let group: SentinelGroup
    /// Events written here; the daemons write some about themselves.
    private(set) var written: Int64 = 0
    /// Kills of daemons, and those of them while events waited.
    private(set) var kills = (all: 0, whileEventsWaited: 0)
    private(set) var troubles: [Trouble] = []
    private(set) var daemons: [DaemonProcess] = []

    private let database: String

    private static let schema = """
        CREATE TABLE directus_activity (
            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50), user_agent text,
            collection varchar(64) NOT NULL, item varchar(255) NOT NULL, origin varchar(255)
        )
        """
    /// About as large as events of alerts are.
    private static let insertion = """
        INSERT INTO activity.alert_outbox (event_id, occurrence_id, event)
        SELECT id, 'occurrence', '{"specversion":"1.0","id":"' || id || '","data":"' || repeat('x', 500) || '"}'
        FROM (SELECT gen_random_uuid()::text AS id FROM generate_series(1, $1::int)) AS new
        """

    init(_ group: SentinelGroup) async throws {
        self.group = group
        let server = try await PostgresServer.shared
        database = server.connectionString(database: try await server.createDatabase())
        client = PostgresClient(PostgresConfiguration(connectionString: database))
        _ = try await client.withConnection { try await $0.execute(script: Self.schema) }
        daemons = try [start(), start()]
        for daemon in daemons { try await daemon.waitUntilReady() }
    }

    func write(_ count: Int) async throws {
        _ = try await client.query(Self.insertion, [.int4(Int32(count))])
        written += Int64(count)
    }

    func delivered() async throws -> Int64 {
        try await client.query("SELECT delivered FROM activity.relay").value(0, 0)
    }

    /// The names of events, in the order of their numbers.
    func numbered() async throws -> [String] {
        try await client.query(
            "SELECT event_id FROM activity.alert_outbox WHERE relay_seq IS NOT NULL ORDER BY relay_seq"
        ).map { try $0.value(0) }
    }

    /// Whether events have their numbers in the order in which they were written here, one transaction after the other.
    func isNumberedInOrder() async throws -> Bool {
        try await client.query(
            """
            SELECT bool_and(step > 0) FROM (
                SELECT id - lag(id) OVER (ORDER BY relay_seq) AS step
                FROM activity.alert_outbox WHERE occurrence_id = 'occurrence'
            ) AS steps
            """
        ).value(0, 0)
    }

    /// Waits until more events are delivered.
    func progress() async throws {
        let before = try await delivered()
        guard before < written else { return }
        try await eventually("more than \(before) events are delivered", within: .seconds(90)) {
            try await delivered() > before
        }
    }

    /// Kills the two daemons in turn; another is started at once.
    func kill() async throws {
        let victim = kills.all % daemons.count
        await daemons[victim].kill9()
        kills.all += 1
        if try await delivered() < written { kills.whileEventsWaited += 1 }
        daemons[victim] = try start()
    }

    /// The stream holds everything, however much is written.
    private func start() throws -> DaemonProcess {
        try DaemonProcess(database: database, redis: group.url(), settings: ["alerts.streamLength=1000000"])
    }

    // MARK: - Redis

    /// The number of the last event in the stream of the master; 0 without one.
    func endOfStream() async throws -> Int64 {
        let last = try await group.currentMaster().command(
            "XREVRANGE",
            "activity:alerts:stream",
            "+",
            "-",
            "COUNT",
            "1",
        )
        return last.firstMatch(of: /^(\d+)-0/).flatMap { Int64($0.1) } ?? 0
    }

    /// What everybody says of themselves, for a failure.
    func situation() async -> String {
        var lines = ["troubles \(troubles), written \(written), delivered \((try? await delivered()) ?? -1)"]
        for server in [group.master, group.replica] {
            for words in [
                ["ROLE"], ["XLEN", "activity:alerts:stream"], ["CONFIG", "GET", "m*"], ["INFO", "errorstats"],
            ] {
                let answer = try? await Subprocess.run(["redis-cli", "-p", "\(server.port)"] + words)
                lines.append("\(server.port) \(words): " + (answer ?? "-").replacing("\n", with: " "))
            }
        }
        for sentinel in group.sentinels {
            for words in [["SENTINEL", "MASTERS"], ["INFO", "sentinel"]] {
                let answer = try? await Subprocess.run(["redis-cli", "-p", "\(sentinel.port)"] + words)
                lines.append("sentinel \(sentinel.port): " + (answer ?? "-").replacing("\n", with: " "))
            }
        }
        for daemon in daemons { lines += daemon.lines.suffix(30) }
        return lines.joined(separator: "\n")
    }

    /// Lets something happen, with a kill in the middle of what lasts.
    func cause(_ trouble: Trouble) async throws {
        if trouble == .replaced { try await group.waitForReplica() }
        let master = try await group.currentMaster()
        switch trouble {
        case .killed:
            await master.kill9()
            try await master.startAgain()
        case .flushed: try await master.command("FLUSHALL")
        case .readOnly: try await refuse("NOREPLICAS", by: "min-replicas-to-write", "3")
        case .full: try await refuse("OOM", by: "maxmemory", "1")
        case .failedOver: try await group.failOver()
        case .replaced:
            await master.kill9()
            try await kill()
            try await group.waitForSuccessor(of: master)
            try await master.startAgain()
        }
        troubles.append(trouble)
    }

    /// Sets a parameter of both servers until one has refused with this error and a daemon was killed.
    private func refuse(_ error: String, by parameter: String, _ value: String) async throws {
        let servers = [group.master, group.replica]
        for server in servers {
            try await server.command("CONFIG", "RESETSTAT")
            try await server.command("CONFIG", "SET", parameter, value)
        }
        try await eventually("writes are refused") {
            for server in servers where try await server.command("INFO", "errorstats").contains(error) { return true }
            return false
        }
        try await kill()
        for server in servers {
            try await server.command("CONFIG", "SET", parameter, "0")
            // Sentinels may have had it written to the file meanwhile.
            try await server.command("CONFIG", "REWRITE")
        }
    }
}
