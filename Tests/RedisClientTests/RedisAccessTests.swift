import NIOPosix
import TestServers
import Testing

@testable import RedisClient

@Suite(.timeLimit(.minutes(1))) struct RedisAccessTests {
    /// Connects once, without trying again.
    static func connect(_ url: String, timeout: Duration = .seconds(30)) async throws {
        var configuration = try RedisConfiguration(url: url)
        configuration.connectTimeout = timeout
        let connector = RedisConnector(
            configuration: configuration,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        )
        let connection = try await connector.connect()
        defer { connection.close() }
        let outcome = try await connection.perform([RedisCommand("PING")], timeout: .seconds(5))
        guard case .answered([.status("PONG")]) = outcome else { return unexpected("no PONG: \(outcome)") }
    }

    static let options = [
        "--requirepass", "def@ult", "--user", "alice", "on", ">pa/ss", "+@all", "~*", "&*",
        "--user", "narrow", "on", ">few", "+ping", "~*",
    ]

    @Test func acceptsThePasswordAndTheUser() async throws {
        try await withServer(options: Self.options) { server async throws in
            for credentials in [":def%40ult", "default:def@ult", "alice:pa%2Fss", "narrow:few"] {
                try await Self.connect(server.url.replacing("//", with: "//\(credentials)@"))
                try await Self.connect(server.unixURL.replacing("//", with: "//\(credentials)@"))
            }
        }
    }

    @Test func refusesWrongCredentialsWithoutShowingThem() async throws {
        try await withServer(options: Self.options) { server async throws in
            for credentials in [":hunter2@", "alice:hunter2@", "hunter2:x@", "alice@", ""] {
                let url = server.url.replacing("//", with: "//\(credentials)")
                let error = try await redisError { try await Self.connect(url) }
                #expect(error.code == .authenticationFailed, "\(credentials)")
                #expect(!"\(error)".contains("hunter2"))
                #expect("\(error)".contains("\(server.port)"))
            }
        }
    }

    @Test func refusesAPasswordThatTheServerDoesNotWant() async throws {
        let url = try await RedisServer.shared.url.replacing("//", with: "//:hunter2@")
        let error = try await redisError { try await Self.connect(url) }
        #expect(error.code == .authenticationFailed)
        #expect(!"\(error)".contains("hunter2"))
    }

    @Test func refusesADatabaseThatIsNotThere() async throws {
        let url = try await RedisServer.shared.url + "/5000"
        let error = try await redisError { try await Self.connect(url) }
        #expect(error.code == .connectionFailed)
        #expect(error.message.contains("SELECT"))
    }

    @Test func namesWhatDoesNotListen() async throws {
        let port = try FreePort.find()
        for url in [
            "redis://127.0.0.1:\(port)", "redis://localhost:\(port)", "unix:///tmp/no-such-directory/redis.sock",
        ] {
            let error = try await redisError { try await Self.connect(url) }
            #expect(error.code == .connectionFailed)
            #expect(error.message.contains(url.hasPrefix("unix") ? "No such file" : "Connection refused"), "\(error)")
        }
    }

    @Test func keepsTryingAfterARefusal() async throws {
        try await withServer(options: ["--requirepass", "secret"]) { server async throws in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.commandTimeout = .milliseconds(500)
            try await withClient(configuration) { client async throws in
                try await waitUntil { lastError(client) != nil }
                let error = try await redisError { try await client.send(RedisCommand("PING")) }
                #expect(error.code == .notConnected)
                #expect(error.message.contains("refused the user name or password"))
                _ = try await withClient(RedisConfiguration(url: server.url.replacing("//", with: "//:secret@"))) {
                    other in
                    _ = try await other.send(RedisCommand("CONFIG", "SET", "requirepass", ""))
                }
                for await _ in client.connections { break }
                #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            }
        }
    }
}
