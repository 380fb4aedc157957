import Foundation
import PostgresClient
import TestServers
import Testing

/// `activityd alerts …` and `activityd backtest --days` beside a daemon that runs.
struct AlertsCommandTests {
    private static let deleter = "11111111-1111-4111-8111-111111111111"

    /// A daemon, and an attack that it has seen.
    private struct Setting {
        let database: String
        let redis: RedisServer
        let daemon: DaemonProcess

        init() async throws {
            let server = try await PostgresServer.shared
            let database = server.connectionString(database: try await server.createDatabase())
            self.database = database
            redis = try await RedisServer.start()
            try await Self.execute(
                database,
                """
                CREATE TABLE directus_activity (
                    id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
                    "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50),
                    collection varchar(64) NOT NULL, item varchar(255) NOT NULL
                );
                """,
            )
            daemon = try DaemonProcess(database: database, redis: redis.url)
            try await daemon.waitUntilReady()
            try await Self.execute(
                database,
                """
                INSERT INTO directus_activity (action, "user", ip, collection, item)
                SELECT 'delete', '\(AlertsCommandTests.deleter)', '198.51.100.9', 'articles', n::text
                FROM generate_series(1, 25) AS n
                """,
            )
            try await eventually("the alert is relayed") {
                try await number("SELECT delivered FROM activity.relay") == 1
            }
        }

        private static func execute(_ database: String, _ script: String) async throws {
            let client = PostgresClient(PostgresConfiguration(connectionString: database))
            _ = try await client.withConnection { try await $0.execute(script: script) }
            await client.close()
        }

        func number(_ question: String) async throws -> Int64 {
            let client = PostgresClient(PostgresConfiguration(connectionString: database))
            let number: Int64 = try await client.query(question).value(0, 0)
            await client.close()
            return number
        }

        func run(_ arguments: String...) async throws -> ProgramRun {
            try await ProgramRun(
                arguments + ["--set", "database.url=\(database)", "--set", "redis.url=\(redis.url)"]
            )
        }

        func alerts(_ arguments: String...) async throws -> [[String: Any]] {
            let settings = ["--json", "--set", "database.url=\(database)"]
            let output = try await ProgramRun(["alerts", "list"] + arguments + settings).output
            return try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]] ?? []
        }
    }

    @Test func listsShowsAndAcknowledges() async throws {
        let setting = try await Setting()
        let alert = try await #require(try setting.alerts().first)
        #expect(alert["rule"] as? String == "mass-delete")
        #expect(alert["published"] as? Int == 1)
        let name = try #require(alert["fingerprint"] as? String)
        #expect(try await setting.run("alerts", "list").output.contains("MASS_DELETE: userId \(Self.deleter)"))
        let shown = try await setting.run("alerts", "show", name, "--json")
        let data = try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any]
        #expect(data?["alertType"] as? String == "MASS_DELETE")
        #expect(data?["count"] as? Int == 25)

        #expect(try await setting.run("alerts", "ack", name, "--comment", "that was me").code == 0)
        #expect(try await setting.alerts().first?["acknowledgement"] as? String == "that was me")
        let unknown = try await setting.run("alerts", "ack", "nobody")
        #expect(unknown.code == 64)
        #expect(unknown.output.contains("there is no open alert 'nobody'"))
        #expect(try await setting.alerts("--status", "resolved").isEmpty)
    }

    @Test func silencesAndEndsSilences() async throws {
        let setting = try await Setting()
        let made = try await setting.run(
            "alerts",
            "silence",
            "--address",
            "203.0.113.77/24",
            "--for",
            "2h",
            "--comment",
            "a drill",
        )
        #expect(made.code == 0)
        let list = try await setting.run("alerts", "silences").output
        #expect(list.contains("203.0.113.0/24") && list.contains("a drill"), "\(list)")
        #expect(try await setting.run("alerts", "unsilence", "1").code == 0)
        #expect(try await setting.run("alerts", "unsilence", "1").code == 1)
        let empty = try await setting.run("alerts", "silence", "--for", "2h", "--comment", "everything")
        #expect(empty.code == 64)
        #expect(empty.output.contains("a silence of everything is refused"))
        let wrong = try await setting.run(
            "alerts",
            "silence",
            "--address",
            "localhost",
            "--for",
            "2h",
            "--comment",
            "x",
        )
        #expect(wrong.code == 64)
        #expect(wrong.output.contains("'--address localhost' is refused"), "\(wrong.output)")
        let long = try await setting.run("alerts", "silence", "--rule", "volume", "--for", "2 weeks", "--comment", "x")
        #expect(long.code == 64)
    }

    @Test func announcesAPeriodAgainAndTailsIt() async throws {
        let setting = try await Setting()
        let replayed = try await setting.run("alerts", "replay", "--from", "2026-01-01T00:00:00Z")
        #expect(replayed.code == 0)
        #expect(replayed.output.contains("announced again: 1"), "\(replayed.output)")
        let nothing = try await setting.run(
            "alerts",
            "replay",
            "--from",
            "2026-01-01T00:00:00Z",
            "--to",
            "2025-01-01T00:00:00Z",
        )
        #expect(nothing.code == 64)
        #expect(nothing.output.contains("accepted is an end after the beginning"))
        #expect(try await setting.run("alerts", "replay", "--from", "yesterday").code == 64)
        #expect(try await setting.run("alerts", "reset", "takeover").output.contains("is not off"))
    }

    @Test func backtestsTheDaysThatHaveBeen() async throws {
        let setting = try await Setting()
        let backtest = try await setting.run("backtest", "--days", "1", "--json")
        #expect(backtest.code == 0)
        let lines = backtest.output.split(separator: "\n").filter { $0.contains("MASS_DELETE") }
        #expect(lines.count == 1, "\(backtest.output)")
        let alert = try JSONSerialization.jsonObject(with: Data(lines.joined().utf8)) as? [String: Any]
        #expect(alert?["userId"] as? String == Self.deleter)
        #expect(alert?["severity"] as? String == "high")
        #expect(try await setting.number("SELECT count(*) FROM activity.alert") == 1, "nothing is written")
        #expect(try await setting.run("backtest").code == 64)
    }
}
