import Foundation
import PostgresClient
import TestServers
import Testing

/// Listeners that outlive a daemon, as systemd hands them over.
@Suite(.serialized) struct HandoverTests {
    private static let schema = """
        CREATE TABLE directus_activity (
            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50), user_agent text,
            collection varchar(64) NOT NULL, item varchar(255) NOT NULL, origin varchar(255)
        );
        INSERT INTO directus_activity (action, "timestamp", ip, collection, item)
        SELECT 'create', now() - n * interval '1 minute', '10.0.0.1', 'c', 'x' FROM generate_series(1, 1000) AS n;
        """

    private static func withDatabase(_ body: (String, String) async throws -> Void) async throws {
        let server = try await PostgresServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        _ = try await client.withConnection { try await $0.execute(script: schema) }
        await client.close()
        try await body(database, try await RedisServer.shared.url)
    }

    /// Whether each request has a connection of its own, or those that the server does not close are used again.
    @Test(arguments: [false, true])
    func noRequestFailsWhileTheDaemonIsRestarted(keepsAlive: Bool) async throws {
        try await Self.withDatabase { database, redis in
            let listener = try SilentListener()
            let next = {
                try DaemonProcess(
                    database: database,
                    redis: redis,
                    settings: ["redis.prefix=handover:"],
                    handingOver: [("http", listener)],
                )
            }
            let first = try next()
            try await first.waitUntilReady()
            let readers = try Readers(of: listener.port, keepsAlive: keepsAlive)
            var daemon = first
            // One after the other, as `systemctl restart` does it: connections wait in the backlog.
            for _ in 1...5 {
                #expect(await daemon.terminate() == 0)
                daemon = try next()
                try await daemon.waitUntilItServes()
            }
            let counts = try await readers.end()
            #expect(counts.served > 200)
            #expect(counts.failures == [])
            #expect(await daemon.terminate() == 0)
        }
    }

    @Test func listensOnWhatWasHandedOverByName() async throws {
        try await Self.withDatabase { database, redis in
            let (http, admin) = (try SilentListener(), try SilentListener())
            let daemon = try DaemonProcess(
                database: database,
                redis: redis,
                settings: ["redis.prefix=handed:"],
                handingOver: [("admin", admin), ("http", http)],
            )
            try await daemon.waitUntilReady()
            #expect(daemon.port == http.port)
            #expect(daemon.adminPort == admin.port)
            #expect(try await Scrape(daemon)?["activityd_feed_caught_up"] == 1)
            #expect(await daemon.terminate() == 0)
        }
    }

    @Test(arguments: ["web", "activityd.socket"])
    func aSocketOfAnotherNameStopsTheStart(_ name: String) async throws {
        let daemon = try DaemonProcess(
            database: "host=/nowhere",
            redis: "unix:///nowhere",
            handingOver: [(name, try SilentListener())],
        )
        #expect(await daemon.waitForEnd() == 78)
        #expect(daemon.lines.contains { $0.contains("a socket called \"\(name)\" was handed over") })
    }

    @Test func servesASocketInTheFileSystem() async throws {
        try await Self.withDatabase { database, redis in
            let path = "/tmp/activityd-\(UUID().uuidString.prefix(8)).sock"
            let daemon = try DaemonProcess(
                database: database,
                redis: redis,
                settings: ["redis.prefix=unix:", "http.listen=unix:\(path)", "http.socketMode=0600"],
            )
            let curl = ["curl", "--silent", "--fail", "--unix-socket", path]
            try await eventually("it is ready") {
                (try? await Subprocess.run(curl + ["http://localhost/readyz"])) == "ready"
            }
            let answer = try await Subprocess.run(curl + ["http://localhost/api/activity/dashboard?days=7"])
            #expect(answer.contains("\"totalActivity\":1000"))
            #expect(daemon.lines.contains { $0.contains("http.path=\(path)") })
            #expect(await daemon.terminate() == 0)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }
}

extension DaemonProcess {
    /// Waits until the daemon has answered some of the readers.
    fileprivate func waitUntilItServes() async throws {
        try await eventually("the successor has answered") {
            let route = "route=\"/api/activity/dashboard\",status=\"2xx\""
            return try await Scrape(self)?["activityd_http_requests_total{\(route)}"] ?? 0 >= 50
        }
    }
}

/// Readers that ask for a document over and over, each time on a connection of its own or on the same until the server says
/// that it closes it, until they are told to end. No request is tried again.
private final class Readers {
    private static let program = """
        import http.client, os, sys, threading
        port, served, failures, ended = int(sys.argv[1]), [], [], threading.Event()
        keeps_alive = sys.argv[2] == "true"
        def read():
            connection = None
            while not ended.is_set():
                try:
                    connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                    connection.request("GET", "/api/activity/dashboard?days=7")
                    answer = connection.getresponse()
                    closes = answer.will_close
                    whole = answer.read().endswith(b"}")
                    (served if answer.status == 200 and whole else failures).append(str(answer.status))
                    if closes or not keeps_alive:
                        connection.close()
                        connection = None
                except Exception as error:
                    failures.append(repr(error))
                    connection = None
        threads = [threading.Thread(target=read) for _ in range(2)]
        for thread in threads: thread.start()
        sys.stdin.read()
        ended.set()
        for thread in threads: thread.join()
        print(len(served), *failures, sep="\\n")
        """

    private let input = Pipe()
    private let output = FileManager.default.temporaryDirectory.appending(path: "activityd-\(UUID().uuidString).out")
    private var process: pid_t?

    init(of port: Int, keepsAlive: Bool) throws {
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        let file = try FileHandle(forWritingTo: output)
        // Daemons that are started later must not hold the end whose closing ends the readers.
        _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process = try Subprocess.start(
            ["python3", "-c", Self.program, "\(port)", "\(keepsAlive)"],
            input: input.fileHandleForReading.fileDescriptor,
            output: file.fileDescriptor,
        )
        try file.close()
    }

    deinit {
        if let process {
            kill(process, SIGKILL)
            _ = Subprocess.reap(process)
        }
        try? FileManager.default.removeItem(at: output)
    }

    /// Ends the readers, and says how many answers were whole and what went wrong.
    func end() async throws -> (served: Int, failures: [Substring]) {
        try input.fileHandleForWriting.close()
        if let process = process.take() { _ = await Subprocess.exitStatus(of: process) }
        let lines = try String(contentsOf: output, encoding: .utf8).split(separator: "\n")
        return (lines.first.flatMap { Int($0) } ?? 0, Array(lines.dropFirst()))
    }
}
