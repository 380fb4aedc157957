import RedisClient
import Testing

@Suite(.timeLimit(.minutes(1))) struct HostileServerTests {
    static let violations = [
        "*2147483647\r\n", String(repeating: "*1\r\n", count: 20), "$-2\r\n", "\0\u{1}garbage\r\n", "$104857600\r\n",
        "$3\r\nabcdef\r\n", ":x\r\n", "%1\r\n+a\r\n+b\r\n", "_\r\n", ">2\r\n+a\r\n+b\r\n", "*1\r\n*1000000\r\n*2\r\n",
        "HTTP/1.1 400 Bad Request\r\n\r\n", "*3\r\n+a\r\n*2\r\n:1\r\n?",
    ]

    @Test(arguments: violations, [Int.max, 1])
    func closesAndFailsTheCommand(answer: String, pieces: Int) async throws {
        try await FakeServer.with(answers: ["+OK\r\n", answer], pieces: pieces) { server async throws in
            try await withClient(RedisConfiguration(url: server.url)) { client async throws in
                let error = try await redisError { try await client.send(RedisCommand("PING")) }
                #expect(error.code == .protocolViolation)
                await server.waitUntilClosed()
            }
        }
    }

    @Test(arguments: violations)
    func closesOnItInTheGreeting(answer: String) async throws {
        try await FakeServer.with(answers: [answer]) { server async throws in
            try await withClient(RedisConfiguration(url: server.url)) { client async throws in
                try await waitUntil { lastError(client) != nil }
                #expect(lastError(client)?.code == .protocolViolation)
                await server.waitUntilClosed()
            }
        }
    }

    @Test(arguments: ["+OK\r\n+HELLO\r\n", "+OK\r\n:1\r\n:2\r\n", "+OK\r\n-ERR go away\r\n"])
    func closesOnAReplyThatNobodyAskedFor(greeting: String) async throws {
        try await FakeServer.with(answers: [greeting]) { server async throws in
            try await withClient(RedisConfiguration(url: server.url)) { _ in
                await server.waitUntilClosed()
            }
        }
    }

    @Test func aSecondReplyToOneCommandDoesNotReachTheNext() async throws {
        try await FakeServer.with(answers: ["+OK\r\n", "+one\r\n+two\r\n"]) { server async throws in
            try await withClient(RedisConfiguration(url: server.url)) { client async throws in
                #expect(try await client.send(RedisCommand("PING")) == .status("one"))
                await server.waitUntilClosed()
            }
        }
    }

    @Test func readsAReplyByteByByte() async throws {
        let answer = "*3\r\n$4\r\na\r\nb\r\n*2\r\n:1\r\n$-1\r\n+fine\r\n"
        try await FakeServer.with(answers: ["+OK\r\n", answer], pieces: 1) { server async throws in
            try await withClient(RedisConfiguration(url: server.url)) { client async throws in
                let reply = try await client.send(RedisCommand("PING"))
                let nested = RESPValue.array([.integer(1), .null])
                #expect(reply == .array([.string(Array("a\r\nb".utf8)), nested, .status("fine")]))
            }
        }
    }

    @Test(arguments: ["", "+half", "$5\r\nab", "*2\r\n:1\r\n", "*1000000\r\n"])
    func closesWhenTheReplyDoesNotComeInTime(half: String) async throws {
        try await FakeServer.with(answers: ["+OK\r\n", half]) { server async throws in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.commandTimeout = .milliseconds(300)
            try await withClient(configuration) { client async throws in
                for await _ in client.connections { break }
                for result in try await client.pipeline([RedisCommand("PING"), RedisCommand("PING")]) {
                    #expect(try await redisError { _ = try result.get() }.code == .timedOut)
                }
                await server.waitUntilClosed()
            }
        }
    }

    @Test func givesUpAGreetingWithoutAnAnswer() async throws {
        try await FakeServer.with(answers: []) { server async throws in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.connectTimeout = .milliseconds(200)
            configuration.commandTimeout = .milliseconds(300)
            try await withClient(configuration) { client async throws in
                try await waitUntil { lastError(client)?.code == .timedOut }
                let error = try await redisError { try await client.send(RedisCommand("PING")) }
                #expect(error.code == .notConnected)
                #expect(error.message.contains("127.0.0.1:\(server.port)"))
            }
        }
    }

    @Test func saysWhatAServerWithTooManyClientsSays() async throws {
        try await FakeServer.with(answers: ["-ERR max number of clients reached\r\n"], hangsUp: true) {
            server async throws in
            var configuration = try RedisConfiguration(url: server.url.replacing("//", with: "//:hunter2@"))
            configuration.commandTimeout = .milliseconds(300)
            try await withClient(configuration) { client async throws in
                try await waitUntil { lastError(client) != nil }
                let error = try await redisError { try await client.send(RedisCommand("PING")) }
                #expect(error.message.contains("max number of clients"))
                #expect(lastError(client)?.code == .connectionFailed)
            }
        }
    }

    @Test func leavesASubscriptionThatIsSilentAndReconnects() async throws {
        let confirmation = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"
        try await FakeServer.with(answers: ["+OK\r\n", confirmation]) { server async throws in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.commandTimeout = .milliseconds(100)
            try await withClient(configuration) { client async throws in
                var events = client.subscribe(to: ["c"]).makeAsyncIterator()
                for _ in 0..<2 {
                    #expect(try await events.next() == .subscribed)
                }
            }
        }
    }
}
