import Foundation
import PostgresClient
import TestServers
import Testing

/// Sign-ins reported to the whole daemon, with tokens that `activityd token create` made.
@Suite(.serialized)
struct AuthEventDaemonTests {
    private static let table = """
        CREATE TABLE directus_activity (
            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50),
            collection varchar(64) NOT NULL, item varchar(255) NOT NULL
        );
        """
    private static let failure = #"{"id":"1","email":"ann@example.com","ip":"192.0.2.1","outcome":"failure"}"#

    struct Token: Decodable {
        let token: String
        let configuration: String

        static func create(_ id: String, _ scopes: String...) async throws -> Token {
            let run = try await ProgramRun(
                ["token", "create", "--id", id, "--json"] + scopes.flatMap { ["--scope", $0] }
            )
            try #require(run.code == 0, "\(run.output)")
            return try JSONDecoder().decode(Token.self, from: Data(run.output.utf8))
        }
    }

    @Test func storesSignInsOfWhoMay() async throws {
        let server = try await PostgresServer.shared
        let client = try await Self.database(on: server)
        let (reader, reporter) = (
            try await Token.create("grafana", "read"), try await Token.create("directus", "ingest"),
        )
        let daemon = try DaemonProcess(
            database: client.connectionString,
            redis: try await RedisServer.shared.url,
            settings: ["http.tokens=\(reader.configuration),\(reporter.configuration)", "redis.prefix=sign-ins:"],
        )
        try await daemon.waitUntilReady()
        #expect(try await daemon.report(Self.failure, token: nil).status == 401)
        #expect(try await daemon.report(Self.failure, token: reader.token).status == 403)
        #expect(try await daemon.get("/api/activity/dashboard")?.status == 401)
        #expect(try await daemon.get("/api/activity/dashboard", token: reporter.token)?.status == 403)
        #expect(try await daemon.get("/api/activity/dashboard", token: reader.token)?.status == 200)
        #expect(try await client.rows() == 0)

        #expect(try await daemon.report(Self.failure, token: reporter.token).counts == [1, 0])
        #expect(try await daemon.report(Self.failure, token: reporter.token).counts == [0, 1])
        let other = Self.failure.replacing("\"1\"", with: "\"2\"")
        #expect(
            try await daemon.report("[\(Self.failure),\(other),\(other)]", token: reporter.token).counts == [1, 2]
        )
        let broken = try await daemon.report("[\(other.replacing("2", with: "3")),{}]", token: reporter.token)
        #expect(broken.status == 400)
        #expect("\(broken.body["detail"] ?? "")".hasPrefix("event 1: "))
        #expect(try await client.rows() == 2)
        #expect(daemon.lines.allSatisfy { !$0.contains(reporter.token) && !$0.contains(reader.token) })
        #expect(await daemon.terminate() == 0)
    }

    @Test func isOpenToThisMachineWithoutTokens() async throws {
        let client = try await Self.database(on: try await PostgresServer.shared)
        let daemon = try DaemonProcess(
            database: client.connectionString,
            redis: try await RedisServer.shared.url,
            settings: ["redis.prefix=open-sign-ins:"],
        )
        try await daemon.waitUntilReady()
        #expect(try await daemon.report(Self.failure, token: nil).counts == [1, 0])
        // As of curl -d.
        let form = try await daemon.report(Self.failure, token: nil, type: "application/x-www-form-urlencoded")
        #expect(form.status == 415)
        #expect("\(form.body["detail"] ?? "")".contains("accepted: Content-Type: application/json"))
        #expect(await daemon.terminate() == 0)
    }

    @Test func changesTokensOnSIGHUP() async throws {
        let client = try await Self.database(on: try await PostgresServer.shared)
        let (old, new) = (try await Token.create("directus", "ingest"), try await Token.create("directus", "ingest"))
        let file = FileManager.default.temporaryDirectory.appending(path: "activityd-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        let configure = { (tokens: [Token]) in
            let list = tokens.map { "\n    - \($0.configuration)" }.joined()
            try "http:\n  tokens:\(list)\n".write(to: file, atomically: true, encoding: .utf8)
        }
        try configure([old])
        let daemon = try DaemonProcess(
            database: client.connectionString,
            redis: try await RedisServer.shared.url,
            settings: ["redis.prefix=rotated:"],
            arguments: ["--config", file.path],
        )
        try await daemon.waitUntilReady()
        #expect(try await daemon.report(Self.failure, token: new.token).status == 401)
        try configure([old, new])
        daemon.signal(SIGHUP)
        try await eventually("the new token is known") {
            try await daemon.report(Self.failure, token: new.token).status == 202
        }
        #expect(try await daemon.report(Self.failure, token: old.token).status == 202)
        try configure([new])
        daemon.signal(SIGHUP)
        try await eventually("the old token is forgotten") {
            try await daemon.report(Self.failure, token: old.token).status == 401
        }
        #expect(try await daemon.report(Self.failure, token: new.token).status == 202)
        let line = daemon.lines.last { $0.contains("configuration reloaded") }
        #expect(line?.contains("http.tokens") == true && line?.contains("needsRestart") == false)
        #expect(await daemon.terminate() == 0)
    }

    @Test func saysSoWhilePostgreSQLIsAwayAndLosesNothing() async throws {
        let server = try await PostgresServer.start()
        let client = try await Self.database(on: server)
        let daemon = try DaemonProcess(
            database: client.connectionString,
            redis: try await RedisServer.shared.url,
            settings: ["redis.prefix=away:"],
        )
        try await daemon.waitUntilReady()
        #expect(try await daemon.report(Self.failure, token: nil).counts == [1, 0])
        try await server.stop(mode: .immediate)
        let refused = try await daemon.report("[\(Self.failure.replacing("\"1\"", with: "\"2\""))]", token: nil)
        #expect(refused.status == 503)
        #expect(refused.headers["Retry-After"] == "5")
        #expect(try await daemon.get("/api/activity/dashboard")?.status == 200)
        try await server.startAgain()
        try await eventually("it stores again") {
            try await daemon.report(Self.failure.replacing("\"1\"", with: "\"2\""), token: nil).status == 202
        }
        #expect(try await client.rows() == 2)
        #expect(await daemon.terminate() == 0)
        try await server.remove()
    }

    private struct Database {
        let connectionString: String

        func rows() async throws -> Int64 {
            try await with { try await $0.query("SELECT count(*) FROM activity.auth_event").value(0, 0) }
        }

        func with<R>(_ body: (PostgresClient) async throws -> R) async throws -> R {
            let client = PostgresClient(PostgresConfiguration(connectionString: connectionString))
            let result = try await body(client)
            await client.close()
            return result
        }
    }

    private static func database(on server: PostgresServer) async throws -> Database {
        let database = Database(
            connectionString: server.connectionString(database: try await server.createDatabase())
        )
        try await database.with { client in
            _ = try await client.withConnection { try await $0.execute(script: table) }
        }
        return database
    }
}

extension DaemonProcess {
    /// Reports sign-ins.
    fileprivate func report(
        _ body: String,
        token: String?,
        type: String = "application/json",
    ) async throws -> Answer {
        try await #require(
            send("/api/activity/auth-events", method: "POST", token: token, type: type, body: Data(body.utf8))
        )
    }
}

extension DaemonProcess.Answer {
    /// How many were accepted, and how many known; nil unless the answer is 202.
    fileprivate var counts: [Int]? {
        status == 202 ? [body["accepted"], body["duplicates"]].compactMap { $0 as? Int } : nil
    }
}
