import NIOPosix
import RedisClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisClientTests {
    /// Named, because a test's arguments are printed, which takes a minute for 5 MB.
    enum Payload: String, CaseIterable {
        case text, empty, everyByte, lineEnds, fiveMegabytes

        var bytes: [UInt8] {
            switch self {
            case .text: Array("hello".utf8)
            case .empty: []
            case .everyByte: Array(0...255)
            case .lineEnds: Array("\r\n$5\r\n".utf8)
            case .fiveMegabytes: (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0) }
            }
        }
    }

    @Test(arguments: Payload.allCases)
    func keepsValuesAsTheyAre(payload: Payload) async throws {
        try await withSharedClient { client async throws in
            let key = RedisArgument(uniqueKey())
            #expect(try await client.send(RedisCommand("SET", key, RedisArgument(payload.bytes))) == .status("OK"))
            let isSame = try await client.send(RedisCommand("GET", key)).bytes == payload.bytes
            #expect(isSame)
            try await client.send(RedisCommand("DEL", key))
        }
    }

    @Test func understandsEveryTypeOfReply() async throws {
        try await withSharedClient { client async throws in
            let script = RedisScript("return {1, 'a', {ok='fine'}, false, {err='BAD x'}, {{}, 2}}")
            let reply = try await client.evaluate(script, keys: [], arguments: [])
            let expected: [RESPValue] = [
                .integer(1), .string([0x61]), .status("fine"), .null, .error("BAD x"),
                .array([.array([]), .integer(2)]),
            ]
            #expect(reply == .array(expected))
        }
    }

    @Test func answersManyTasksEachWithItsOwnReply() async throws {
        try await withSharedClient { client async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<100 {
                    group.addTask {
                        for number in 0..<100 {
                            let argument = RedisArgument("\(task):\(number)")
                            let reply = try await client.send(RedisCommand("ECHO", argument))
                            #expect(reply.text == "\(task):\(number)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func keepsTheOrderOfAPipeline() async throws {
        try await withSharedClient { client async throws in
            let results = try await client.pipeline((0..<10_000).map { RedisCommand("ECHO", RedisArgument($0)) })
            let isInOrder = try results.map { try $0.get().int } == (0..<10_000).map { Int64($0) }
            #expect(isInOrder)
            #expect(try await client.pipeline([]).isEmpty)
        }
    }

    @Test func aFailedCommandDoesNotFailItsPipeline() async throws {
        try await withSharedClient { client async throws in
            let key = RedisArgument(uniqueKey())
            let results = try await client.pipeline([
                RedisCommand("SET", key, "sesame"), RedisCommand("LPUSH", key, "x"), RedisCommand("GET", key),
                RedisCommand("DEL", key),
            ])
            #expect(try results[0].get() == .status("OK"))
            let error = try await redisError { _ = try results[1].get() }
            #expect(error.code == .server(prefix: "WRONGTYPE"))
            #expect(error.message.hasPrefix("LPUSH was refused"))
            #expect(try results[2].get().text == "sesame")
        }
    }

    @Test func anUnknownCommandDoesNotShowItsArguments() async throws {
        try await withSharedClient { client async throws in
            let error = try await redisError { try await client.send(RedisCommand("NONSENSE", "sesame", "open")) }
            #expect(error.code == .server(prefix: "ERR"))
            #expect(!error.description.contains("sesame"))
        }
    }

    @Test func selectsTheDatabase() async throws {
        let server = try await RedisServer.shared
        let key = RedisArgument(uniqueKey())
        try await withClient(RedisConfiguration(url: server.url + "/9")) { client async throws in
            try await client.send(RedisCommand("SET", key, "nine"))
            #expect(try await client.send(RedisCommand("CLIENT", "GETNAME")).text == "activityd")
        }
        try await withSharedClient { client async throws in
            #expect(try await client.send(RedisCommand("GET", key)).isNull)
        }
        try await withClient(RedisConfiguration(url: server.unixURL + "?db=9")) { client async throws in
            #expect(try await client.send(RedisCommand("GET", key)).text == "nine")
            try await client.send(RedisCommand("DEL", key))
        }
    }

    @Test func sendsUnnamedToo() async throws {
        var configuration = try await RedisConfiguration(url: RedisServer.shared.url)
        configuration.clientName = ""
        try await withClient(configuration) { client async throws in
            #expect(try await client.send(RedisCommand("CLIENT", "GETNAME")).text ?? "" == "")
        }
    }

    @Test func aCancelledCommandReturnsAtOnceAndItsReplyIsConsumedInOrder() async throws {
        try await withSharedClient { other async throws in
            try await withSharedClient { client async throws in
                let key = uniqueKey()
                let identifier = try await client.send(RedisCommand("CLIENT", "ID"))
                let blocked = Task { try await client.send(RedisCommand("BLPOP", RedisArgument(key), 0)) }
                try await waitUntil { try await isBlocked(identifier, other) }
                let behind = Task { try await client.send(RedisCommand("ECHO", "behind")) }
                blocked.cancel()
                let error = try await redisError { _ = try await blocked.value }
                #expect(error.code == .cancelled)
                try await other.send(RedisCommand("RPUSH", RedisArgument(key), "late"))
                #expect(try await behind.value.text == "behind")
                #expect(try await client.send(RedisCommand("ECHO", "after")).text == "after")
            }
        }
    }

    @Test func sendsNothingForATaskThatIsCancelledAlready() async throws {
        try await withSharedClient { client async throws in
            let key = RedisArgument(uniqueKey())
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await client.send(RedisCommand("SET", key, "x"))
            }
            #expect(try await redisError { _ = try await task.value }.code == .cancelled)
            #expect(try await client.send(RedisCommand("GET", key)).isNull)
        }
    }

    @Test func failsWhoWaitsWhenItStops() async throws {
        let configuration = try RedisConfiguration(url: "redis://127.0.0.1:\(FreePort.find())")
        let client = RedisClient(configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        let running = Task { await client.run() }
        let waiting = Task { try await client.send(RedisCommand("PING")) }
        running.cancel()
        #expect(try await redisError { _ = try await waiting.value }.code == .notConnected)
        await running.value
        for await _ in client.connections { Issue.record("there was no connection") }
        #expect(client.state == .disconnected(lastError: nil))
    }
}

/// Whether the connection of that `CLIENT ID` waits in a blocking command.
func isBlocked(_ identifier: RESPValue, _ client: RedisClient) async throws -> Bool {
    let list = try await client.send(RedisCommand("CLIENT", "LIST", "ID", RedisArgument(identifier.int ?? 0)))
    return list.text?.contains("cmd=blpop") == true
}
