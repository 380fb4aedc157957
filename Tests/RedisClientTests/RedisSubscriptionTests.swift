import RedisClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisSubscriptionTests {
    @Test func yieldsSubscribedAndThenMessages() async throws {
        try await withSharedClient { client async throws in
            let channels = [uniqueKey(), uniqueKey()]
            var events = client.subscribe(to: channels).makeAsyncIterator()
            #expect(try await events.next() == .subscribed)
            for (channel, payload) in [(channels[1], Array(0...255)), (channels[0], [])] as [(String, [UInt8])] {
                let publish = RedisCommand("PUBLISH", RedisArgument(channel), RedisArgument(payload))
                #expect(try await client.send(publish) == .integer(1))
                #expect(try await events.next() == .message(channel: channel, payload: payload))
            }
        }
    }

    @Test func subscribesAgainAfterTheServerWasKilled() async throws {
        try await withServer { server async throws in
            try await withClient(RedisConfiguration(url: server.url)) { client async throws in
                var events = client.subscribe(to: ["news"]).makeAsyncIterator()
                #expect(try await events.next() == .subscribed)
                await server.kill9()
                try await server.startAgain()
                #expect(try await events.next() == .subscribed)
                try await client.send(RedisCommand("PUBLISH", "news", "back"))
                #expect(try await events.next() == .message(channel: "news", payload: Array("back".utf8)))
            }
        }
    }

    @Test func aSlowConsumerIsToldRatherThanBuffered() async throws {
        var configuration = try await RedisConfiguration(url: RedisServer.shared.url)
        configuration.subscriptionBuffer = 4
        try await withClient(configuration) { client async throws in
            let channel = RedisArgument(uniqueKey())
            let name = uniqueKey()
            var events = client.subscribe(to: [name]).makeAsyncIterator()
            #expect(try await events.next() == .subscribed)
            let publish = RedisCommand("PUBLISH", RedisArgument(name), channel)
            _ = try await client.pipeline(Array(repeating: publish, count: 5))
            try await waitUntil { try await subscribers(of: name, client) == 0 }
            for _ in 0..<4 {
                guard case .message = try await events.next() else { return unexpected("a kept message") }
            }
            let error = try await redisError { _ = try await events.next() }
            #expect(error.code == .subscriberTooSlow)
            #expect(try await events.next() == nil)
        }
    }

    @Test func cancellationEndsItAndClosesItsConnection() async throws {
        try await withSharedClient { client async throws in
            let name = uniqueKey()
            let consumer = Task {
                var count = 0
                for try await _ in client.subscribe(to: [name]) { count += 1 }
                return count
            }
            try await waitUntil { try await subscribers(of: name, client) == 1 }
            consumer.cancel()
            #expect(try await consumer.value <= 1)
            try await waitUntil { try await subscribers(of: name, client) == 0 }
        }
    }

    @Test func leavingTheLoopClosesItsConnection() async throws {
        try await withSharedClient { client async throws in
            let name = uniqueKey()
            for try await event in client.subscribe(to: [name]) {
                #expect(event == .subscribed)
                break
            }
            try await waitUntil { try await subscribers(of: name, client) == 0 }
        }
    }

    @Test func passesOnThatAChannelIsForbidden() async throws {
        try await withServer(options: ["--user", "deaf", "on", ">x", "+@all", "~*", "resetchannels"]) {
            server async throws in
            try await withClient(RedisConfiguration(url: server.url.replacing("//", with: "//deaf:x@"))) {
                client async throws in
                var events = client.subscribe(to: ["news"]).makeAsyncIterator()
                let error = try await redisError { _ = try await events.next() }
                #expect(error.code == .server(prefix: "NOPERM"))
            }
        }
    }

    private func subscribers(of channel: String, _ client: RedisClient) async throws -> Int64? {
        try await client.send(RedisCommand("PUBSUB", "NUMSUB", RedisArgument(channel))).elements?.last?.int
    }
}
