import RedisClient
import TestServers
import Testing

/// The URL of a master of these sentinels on 127.0.0.1.
func sentinelURL(
    _ ports: [Int],
    credentials: String = "",
    master: String = RedisSentinel.masterName,
    parameters: String = "",
) -> String {
    let hosts = ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
    return "redis-sentinel://\(credentials)\(hosts)?master=\(master)\(parameters)"
}

/// Sends `SENTINEL …` until it is no longer refused.
func ask(_ sentinel: RedisSentinel, _ arguments: RedisArgument...) async throws {
    try await withClient(RedisConfiguration(url: "redis://127.0.0.1:\(sentinel.port)")) { client async throws in
        try await eventually("the sentinel obeys") {
            do throws(RedisError) {
                try await client.send(RedisCommand("SENTINEL", arguments))
                return true
            } catch {
                return false
            }
        }
    }
}

/// Lets a sentinel call that server the master, of which the one before learns nothing.
func move(_ sentinel: RedisSentinel, to server: RedisServer) async throws {
    let name = RedisArgument(RedisSentinel.masterName)
    try await ask(sentinel, "REMOVE", name)
    try await ask(sentinel, "MONITOR", name, "127.0.0.1", RedisArgument("\(server.port)"), 1)
}

/// The port of the server that the client talks to; nil while there is none that answers.
func serverPort(_ client: RedisClient) async -> Int? {
    let reply = try? await client.send(RedisCommand("CONFIG", "GET", "port"))
    return reply?.elements?.last?.int.map { Int($0) }
}

/// Runs the body with two masters that know nothing of each other, and one sentinel that calls the first the master.
func withTwoMasters(
    _ body: @Sendable (_ first: RedisServer, _ second: RedisServer, RedisSentinel) async throws -> Void
) async throws {
    try await withServer { first async throws in
        try await withServer { second async throws in
            try await withSentinel(of: first) { sentinel async throws in
                try await body(first, second, sentinel)
            }
        }
    }
}

/// Runs the body with one sentinel, which calls that server the master.
func withSentinel(
    of server: RedisServer,
    configuration: [String] = [],
    _ body: @Sendable (RedisSentinel) async throws -> Void,
) async throws {
    try await withSentinel(of: server.port, configuration: configuration, body)
}

/// Runs the body with one sentinel, which calls the server at that port the master.
func withSentinel(
    of port: Int,
    configuration: [String] = [],
    _ body: @Sendable (RedisSentinel) async throws -> Void,
) async throws {
    let sentinel = try await RedisSentinel.start(master: port, configuration: configuration)
    do {
        try await body(sentinel)
        await sentinel.stop()
    } catch {
        await sentinel.stop()
        throw error
    }
}

/// A configuration that looks after its master often, or never within a test.
func sentinelConfiguration(_ url: String, checkInterval: Duration) throws -> RedisConfiguration {
    var configuration = try RedisConfiguration(url: url)
    guard case .master(var sentinels) = configuration.address else { throw RedisSentinelTests.NoSentinels() }
    sentinels.checkInterval = checkInterval
    configuration.address = .master(sentinels)
    return configuration
}
