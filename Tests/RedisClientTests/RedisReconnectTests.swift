import NIOPosix
import RedisClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisReconnectTests {
    @Test func failsWhatIsInFlightAndComesBackByItself() async throws {
        try await withServer { server async throws in
            let configuration = try RedisConfiguration(url: server.url)
            try await withClient(configuration) { client async throws in
                var connections = client.connections.makeAsyncIterator()
                #expect(await connections.next() != nil)
                #expect(isConnected(client))
                let errors = try await withClient(configuration) { other async throws in
                    try await errorsOfBlocked(client, other) { await server.kill9() }
                }
                #expect(errors.count == 50)
                #expect(errors.allSatisfy { $0.code == .connectionLost && $0.isRetriable })
                let waiting = Task { try await client.send(RedisCommand("ECHO", "back")) }
                try await server.startAgain()
                #expect(try await waiting.value.text == "back")
                #expect(await connections.next() != nil)
                #expect(isConnected(client))
            }
        }
    }

    /// Sends one blocking command and 49 behind it, ends the server once it blocks, and collects the errors.
    private func errorsOfBlocked(
        _ client: RedisClient,
        _ other: RedisClient,
        _ end: () async -> Void,
    ) async throws -> [RedisError] {
        let identifier = try await client.send(RedisCommand("CLIENT", "ID"))
        let commands = [RedisCommand("BLPOP", "none", 0)] + Array(repeating: RedisCommand("PING"), count: 49)
        async let results = client.pipeline(commands)
        try await waitUntil { try await isBlocked(identifier, other) }
        await end()
        return try await results.compactMap { result in
            guard case .failure(let error) = result else { return nil }
            return error
        }
    }

    @Test func keepsTheRepliesThatCameBeforeTheEnd() async throws {
        try await FakeServer.with(answers: ["+OK\r\n", "+one\r\n+two\r\n?"]) { server async throws in
            try await withClient(RedisConfiguration(url: server.url)) { client async throws in
                let results = try await client.pipeline(Array(repeating: RedisCommand("PING"), count: 4))
                #expect(try results[0].get().text == "one")
                #expect(try results[1].get().text == "two")
                for result in results[2...] {
                    #expect(try await redisError { _ = try result.get() }.code == .protocolViolation)
                }
            }
        }
    }

    @Test func aStoppedServerCostsTheConnectionAtTheDeadline() async throws {
        try await withServer { server async throws in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.commandTimeout = .seconds(1)
            configuration.connectTimeout = .seconds(1)
            try await withClient(configuration) { client async throws in
                var connections = client.connections.makeAsyncIterator()
                _ = await connections.next()
                server.pause()
                let start = ContinuousClock.now
                let error = try await redisError { try await client.send(RedisCommand("PING")) }
                #expect(error.code == .timedOut)
                #expect(start.duration(to: .now) >= .seconds(1))
                let waiting = try await redisError { try await client.send(RedisCommand("PING")) }
                #expect(waiting.code == .notConnected)
                server.resume()
                _ = await connections.next()
                #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            }
        }
    }

    @Test func waitsForTheFirstConnection() async throws {
        try await withServer { server async throws in
            await server.kill9()
            try await withClient(RedisConfiguration(url: server.url)) { client async throws in
                async let reply = client.send(RedisCommand("ECHO", "at last"))
                try await server.startAgain()
                #expect(try await reply.text == "at last")
            }
        }
    }

    @Test func saysWhyThereIsNoConnection() async throws {
        var configuration = try RedisConfiguration(url: "redis://127.0.0.1:\(FreePort.find())")
        configuration.commandTimeout = .milliseconds(300)
        try await withClient(configuration) { client async throws in
            try await waitUntil { lastError(client) != nil }
            let error = try await redisError { try await client.send(RedisCommand("PING")) }
            #expect(error.code == .notConnected)
            #expect(error.message.contains("Connection refused"), "\(error)")
            #expect(lastError(client)?.code == .connectionFailed)
        }
    }

    @Test func runsAgainAfterItWasStopped() async throws {
        let client = try await RedisClient(
            RedisConfiguration(url: RedisServer.shared.url),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        )
        for _ in 0..<2 {
            let running = Task { await client.run() }
            try await waitUntil { isConnected(client) }
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            running.cancel()
            await running.value
            #expect(try await redisError { try await client.send(RedisCommand("PING")) }.code == .notConnected)
        }
    }

    @Test func closesItsConnectionWhenItStops() async throws {
        try await FakeServer.with(answers: ["+OK\r\n"]) { server async throws in
            try await withClient(RedisConfiguration(url: server.url)) { client async throws in
                for await _ in client.connections { break }
            }
            await server.waitUntilClosed()
        }
    }
}
