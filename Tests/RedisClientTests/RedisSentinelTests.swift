import RedisClient
import TestServers
import Testing

/// One after the other: each has up to five servers.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RedisSentinelTests {
    struct NoSentinels: Error {}

    /// A sentinel that got no processor for two seconds does nothing for thirty.
    static let limit = Duration.seconds(60)

    static let write = RedisCommand("SET", "key", "value")

    @Test func connectsToTheMasterAndFollowsAFailover() async throws {
        try await SentinelGroup.with { group async throws in
            try await withClient(RedisConfiguration(url: group.url())) { client async throws in
                #expect(await serverPort(client) == group.master.port)
                try await client.send(Self.write)
                try await group.failOver()
                try await eventually("the replica is written", within: Self.limit) {
                    guard await serverPort(client) == group.replica.port else { return false }
                    return (try? await client.send(Self.write)) != nil
                }
            }
        }
    }

    @Test func aKilledMasterIsReplacedAndWritingGoesOn() async throws {
        try await SentinelGroup.with { group async throws in
            try await withClient(RedisConfiguration(url: group.url())) { client async throws in
                try await client.send(Self.write)
                await group.master.kill9()
                // Every error until then is one that may be tried again.
                try await eventually("the replica is written", within: Self.limit) {
                    do throws(RedisError) {
                        try await client.send(Self.write)
                        return true
                    } catch {
                        #expect(error.isRetriable, "\(error)")
                        return false
                    }
                }
                #expect(await serverPort(client) == group.replica.port)
            }
        }
    }

    @Test func aSubscriptionGoesOnAtTheNewMaster() async throws {
        try await SentinelGroup.with { group async throws in
            try await withClient(RedisConfiguration(url: group.url())) { client async throws in
                var events = client.subscribe(to: ["news"]).makeAsyncIterator()
                #expect(try await events.next() == .subscribed)
                await group.master.kill9()
                #expect(try await events.next() == .subscribed)
                let publish = RedisCommand("PUBLISH", "news", "back")
                try await eventually("someone hears") { (try? await client.send(publish)) == .integer(1) }
                #expect(try await events.next() == .message(channel: "news", payload: Array("back".utf8)))
            }
        }
    }

    @Test func masterAndSentinelsHavePasswordsOfTheirOwn() async throws {
        try await SentinelGroup.with(password: "hunter2", sentinelPassword: "hunter3") { group async throws in
            let url = group.url(credentials: ":hunter2@", parameters: "&sentinelPassword=hunter3")
            try await withClient(RedisConfiguration(url: url)) { client async throws in
                try await client.send(Self.write)
                await group.master.kill9()
                try await eventually("it is written", within: Self.limit) {
                    (try? await client.send(Self.write)) != nil
                }
                #expect(await serverPort(client) == group.replica.port)
            }
            for (credentials, parameters, hint) in [
                (":hunter2@", "", "sentinelPassword="),
                (":hunter2@", "&sentinelPassword=hunter4", "sentinelPassword="),
                (":hunter4@", "&sentinelPassword=hunter3", "\(group.replica.port)"),
            ] {
                let url = group.url(credentials: credentials, parameters: parameters)
                let error = try await redisError { try await RedisAccessTests.connect(url) }
                #expect(error.code == .authenticationFailed, "\(error)")
                #expect(error.message.contains(hint) && !error.message.contains("hunter"), "\(error)")
            }
        }
    }
}

/// The master's own view of the world is not asked: one sentinel says what the truth is.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SentinelCheckTests {
    /// The master was cut off from the sentinels, and still thinks that it is one.
    @Test func leavesAMasterThatDoesNotKnowOfItsSuccessor() async throws {
        try await withTwoMasters { first, second, sentinel async throws in
            let url = sentinelURL([sentinel.port])
            let configuration = try sentinelConfiguration(url, checkInterval: .milliseconds(50))
            try await withClient(configuration) { client async throws in
                var connections = client.connections.makeAsyncIterator()
                #expect(await connections.next() != nil)
                #expect(await serverPort(client) == first.port)
                try await move(sentinel, to: second)
                // Nothing is sent meanwhile.
                #expect(await connections.next() != nil)
                #expect(await serverPort(client) == second.port)
            }
        }
    }

    @Test func aSubscriptionLeavesSuchAMasterToo() async throws {
        try await withTwoMasters { _, second, sentinel async throws in
            let url = sentinelURL([sentinel.port])
            let configuration = try sentinelConfiguration(url, checkInterval: .milliseconds(50))
            try await withClient(configuration) { client async throws in
                var events = client.subscribe(to: ["news"]).makeAsyncIterator()
                #expect(try await events.next() == .subscribed)
                try await move(sentinel, to: second)
                #expect(try await events.next() == .subscribed)
                try await withClient(RedisConfiguration(url: second.url)) { other async throws in
                    #expect(try await other.send(RedisCommand("PUBLISH", "news", "x")) == .integer(1))
                }
                #expect(try await events.next() == .message(channel: "news", payload: [0x78]))
            }
        }
    }

    @Test(arguments: [false, true])
    func aRefusalToWriteAsksTheSentinelsAgain(inScript: Bool) async throws {
        try await withTwoMasters { first, second, sentinel async throws in
            let url = sentinelURL([sentinel.port])
            let configuration = try sentinelConfiguration(url, checkInterval: .seconds(3_600))
            let script = RedisScript("return redis.call('SET', KEYS[1], ARGV[1])")
            let write: @Sendable (RedisClient) async throws -> Void = { client in
                if inScript {
                    try await client.evaluate(script, keys: ["key"], arguments: ["value"])
                } else {
                    try await client.send(RedisSentinelTests.write)
                }
            }
            try await withClient(configuration) { client async throws in
                try await write(client)
                try await move(sentinel, to: second)
                try await client.send(RedisCommand("REPLICAOF", "127.0.0.1", RedisArgument(second.port)))
                let error = try await redisError { try await write(client) }
                #expect(error.code == .server(prefix: "READONLY") && error.isRetriable, "\(error)")
                try await write(client)
                #expect(await serverPort(client) == second.port)
                #expect(first.port != second.port)
            }
        }
    }

    @Test func aSentinelThatIsAwayCostsNoConnection() async throws {
        try await withTwoMasters { first, _, sentinel async throws in
            let url = sentinelURL([sentinel.port])
            let configuration = try sentinelConfiguration(url, checkInterval: .milliseconds(1))
            try await withClient(configuration) { client async throws in
                let identifier = try await client.send(RedisCommand("CLIENT", "ID"))
                await sentinel.kill9()
                for _ in 0..<1_000 { try await client.send(RedisCommand("PING")) }
                #expect(try await client.send(RedisCommand("CLIENT", "ID")) == identifier)
                #expect(await serverPort(client) == first.port)
            }
        }
    }

    /// Each look at the sentinels is a connection, which must not outlive the client's.
    @Test func looksAfterTheMasterOnlyWhileThereIsAConnection() async throws {
        try await withTwoMasters { _, _, sentinel async throws in
            let url = sentinelURL([sentinel.port])
            var configuration = try sentinelConfiguration(url, checkInterval: .milliseconds(1))
            configuration.clientName = "watching"
            try await withClient(configuration) { client async throws in
                _ = try await client.send(RedisCommand("PING"))
            }
            try await withClient(RedisConfiguration(url: "redis://127.0.0.1:\(sentinel.port)")) { other async throws in
                try await waitUntil {
                    let before = try await connectionsReceived(other)
                    for _ in 0..<200 { try await other.send(RedisCommand("PING")) }
                    return try await connectionsReceived(other) == before
                }
            }
        }
    }

    private func connectionsReceived(_ client: RedisClient) async throws -> Substring? {
        let info = try await client.send(RedisCommand("INFO", "stats")).text ?? ""
        return info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("total_connections_received") }
    }
}
