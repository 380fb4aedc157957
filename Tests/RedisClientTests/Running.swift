import NIOPosix
import RedisClient
import TestServers
import Testing

/// Runs a client for the length of the body; where a test sets no timeout, none is to be met on a busy machine.
func withClient<Outcome: Sendable>(
    _ configuration: RedisConfiguration,
    _ body: @Sendable (RedisClient) async throws -> Outcome,
) async throws -> Outcome {
    let client = RedisClient(patient(configuration), eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        defer { group.cancelAll() }
        return try await body(client)
    }
}

/// Runs a client of the shared server for the length of the body.
func withSharedClient<Outcome: Sendable>(
    _ body: @Sendable (RedisClient) async throws -> Outcome
) async throws -> Outcome {
    try await withClient(RedisConfiguration(url: RedisServer.shared.url), body)
}

/// Runs the body with a server of its own and stops that server.
func withServer<Outcome: Sendable>(
    options: [String] = [],
    _ body: @Sendable (RedisServer) async throws -> Outcome,
) async throws -> Outcome {
    let server = try await RedisServer.start(options: options)
    do {
        let outcome = try await body(server)
        await server.stop()
        return outcome
    } catch {
        await server.stop()
        throw error
    }
}

/// The error that the body throws.
func redisError(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void,
) async throws -> RedisError {
    let error = await #expect(throws: RedisError.self, sourceLocation: sourceLocation) { try await body() }
    return try #require(error, sourceLocation: sourceLocation)
}

/// A key that no other test uses.
func uniqueKey(_ name: String = #function) -> String {
    "test:\(name):\(UInt64.random(in: 0...UInt64.max))"
}

/// Records that a pattern did not match.
func unexpected(_ what: Comment, sourceLocation: SourceLocation = #_sourceLocation) {
    Issue.record(what, sourceLocation: sourceLocation)
}

/// Asks until it is so: a question to a server, or to the client's state, which send no signal that could be awaited.
func waitUntil(_ isSo: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while try await !isSo() {
        try #require(ContinuousClock.now < deadline, "it was not so within 20 s")
        try await Task.sleep(for: .milliseconds(1))
    }
}

/// Why the client is not connected.
func lastError(_ client: RedisClient) -> RedisError? {
    guard case .disconnected(let error) = client.state else { return nil }
    return error
}

func isConnected(_ client: RedisClient) -> Bool {
    guard case .connected = client.state else { return false }
    return true
}

/// The configuration with 30 seconds in place of the 5 that are the default.
func patient(_ configuration: RedisConfiguration) -> RedisConfiguration {
    var patient = configuration
    if patient.connectTimeout == .seconds(5) { patient.connectTimeout = .seconds(30) }
    if patient.commandTimeout == .seconds(5) { patient.commandTimeout = .seconds(30) }
    return patient
}
