import Foundation
import PostgresClient
import TestServers
import Testing

/// `activityd top` beside a daemon that runs.
struct TopCommandTests {
    private struct Setting {
        let database: String
        let daemon: DaemonProcess

        init(settings: [String] = []) async throws {
            let server = try await PostgresServer.shared
            database = server.connectionString(database: try await server.createDatabase())
            let client = PostgresClient(PostgresConfiguration(connectionString: database))
            _ = try await client.withConnection { connection in
                try await connection.execute(
                    script: """
                        CREATE TABLE directus_activity (
                            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
                            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50),
                            collection varchar(64) NOT NULL, item varchar(255) NOT NULL
                        );
                        INSERT INTO directus_activity (action, collection, item)
                        SELECT 'create', 'a', 'x' FROM generate_series(1, 3);
                        """
                )
            }
            await client.close()
            daemon = try DaemonProcess(
                database: database,
                redis: try await RedisServer.shared.url,
                settings: ["redis.prefix=\(UUID().uuidString):"] + settings,
            )
            try await daemon.waitUntilReady()
        }

        /// The daemon's admin listener has a port that only its log knows.
        var arguments: [String] {
            [
                "top", "--set", "database.url=\(database)", "--set", "http.listen=127.0.0.1:\(daemon.port)", "--set",
                "http.adminListen=",
            ]
        }

        func top(_ arguments: String...) async throws -> ProgramRun {
            try await ProgramRun(self.arguments + arguments)
        }
    }

    @Test func looksOnce() async throws {
        let setting = try await Setting()
        _ = try await setting.daemon.get("/api/activity/dashboard")
        try await eventually("its first jobs are done") {
            try await setting.top("--once").output.split(separator: "\n").contains {
                $0.hasPrefix("ingest") && $0.contains("succeeded")
            }
        }
        let top = try await setting.top("--once")
        #expect(top.code == 0, "\(top.output)")
        for expected in [
            "3 rows fed, 0 ids behind, fed ", "number ", "computed ", "postgres up, redis up", "from memory",
            "refresh-daily-summary", "JOB",
        ] {
            #expect(top.output.contains(expected), "\(top.output)")
        }
        let json = try await setting.top("--once", "--json")
        let reading = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect((reading["feed"] as? [String: Any])?["rows"] as? Int == 3)
        #expect((reading["jobs"] as? [Any])?.count == 10)
        #expect(((reading["requests"] as? [String: Any])?["hits"] as? Int ?? 0) > 0)
        let components = (reading["health"] as? [String: Any])?["components"] as? [String: Any]
        #expect((components?["redis"] as? [String: Any])?["status"] as? String == "up")
        #expect(await setting.daemon.terminate() == 0)
        let without = try await setting.top("--once")
        #expect(without.code == 69)
        #expect(
            without.output.contains("nobody answers") && without.output.contains("3 rows fed"),
            "\(without.output)",
        )
        #expect(try await setting.top("--interval", "0").code == 64)
    }

    @Test func doesWithoutWhatWantsAToken() async throws {
        let setting = try await Setting(settings: ["http.tokens=a:read:\(String(repeating: "0", count: 64))"])
        let top = try await setting.top("--once")
        #expect(top.code == 0)
        #expect(top.output.contains("redis up") && !top.output.contains("from memory"), "\(top.output)")
        #expect(await setting.daemon.terminate() == 0)
    }

    /// A terminal of script(1); the key comes once something was drawn, ten seconds later at most.
    private static let watching = """
        mkfifo keys
        script -qefc "$0" /dev/null <keys >screen &
        exec 3>keys
        for attempt in $(seq 100); do grep -q 'rows fed' screen && break; sleep 0.1; done
        printf "$1" >&3
        wait
        cat screen
        rm keys screen
        """

    @Test(arguments: ["q", "\\003"])
    func leavesTheTerminalAsItWas(key: String) async throws {
        let setting = try await Setting()
        let folder = try TemporaryDirectory()
        let top = ([DaemonProcess.program.path] + setting.arguments).map { "'\($0)'" }.joined(separator: " ")
        let output = try await Subprocess.run([
            "env", "-C", folder.path, "sh", "-c", Self.watching, "stty -g; \(top); echo $?; stty -g", key,
        ])
        let lines = output.split(whereSeparator: \.isNewline)
        #expect(lines.contains { $0.contains("3 rows fed") }, "\(output)")
        #expect(lines.last == lines.first && lines.count > 2, "\(output)")
        #expect(lines.dropLast().last?.hasSuffix("\u{1B}[?1049l0") ?? false, "\(output)")
        #expect(await setting.daemon.terminate() == 0)
    }
}
