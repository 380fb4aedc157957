import TestServers
import Testing

@testable import PostgresClient

@Suite(.timeLimit(.minutes(5))) struct ListenTests {
    private let quick = Backoff(base: .milliseconds(1), limit: .milliseconds(50))

    private func expect(
        _ expected: PostgresNotification?,
        from iterator: inout some AsyncIteratorProtocol<PostgresNotification, any Error>,
        _ location: SourceLocation = #_sourceLocation,
    ) async throws {
        let notification = try await iterator.next(isolation: #isolation)
        #expect(notification == expected, sourceLocation: location)
    }

    @Test func beginsWithConnectedAndReceives() async throws {
        let client = PostgresClient(try await freshConfiguration())
        var iterator = client.listen(to: ["plain", "With \"Quotes\""]).makeAsyncIterator()
        try await expect(.connected, from: &iterator)
        _ = try await client.query("NOTIFY plain")
        _ = try await client.query("SELECT pg_notify('With \"Quotes\"', 'grüße')")
        try await expect(.notification(channel: "plain", payload: ""), from: &iterator)
        try await expect(.notification(channel: "With \"Quotes\"", payload: "grüße"), from: &iterator)
        await client.close()
        try await expect(nil, from: &iterator)
    }

    @Test func receivesManyInOrder() async throws {
        let client = PostgresClient(try await freshConfiguration())
        var iterator = client.listen(to: ["c"]).makeAsyncIterator()
        try await expect(.connected, from: &iterator)
        _ = try await client.query("SELECT pg_notify('c', n::text) FROM generate_series(1, 1000) n")
        for number in 1...1000 {
            try await expect(.notification(channel: "c", payload: "\(number)"), from: &iterator)
        }
        await client.close()
    }

    @Test func surviveARestartOfTheServer() async throws {
        let server = try await PostgresServer.start()
        let client = PostgresClient(PostgresConfiguration(connectionString: server.connectionString()))
        let failures = Record<PostgresError>()
        let sequence = client.listen(to: ["c"], backoff: quick) { error, _ in failures.append(error) }
        var iterator = sequence.makeAsyncIterator()
        try await expect(.connected, from: &iterator)
        try await server.stop(mode: .immediate)
        async let restart: Void = {
            try await eventually("the listener has noticed") { failures.values.count > 2 }
            try await server.startAgain()
        }()
        try await expect(.connected, from: &iterator)
        try await restart
        #expect(failures.values.first?.code == .connectionLost)
        _ = try await client.query("NOTIFY c, 'back'")
        try await expect(.notification(channel: "c", payload: "back"), from: &iterator)
        await client.close()
        try await server.remove()
    }

    @Test func theHeartbeatFindsAFrozenServer() async throws {
        let server = try await PostgresServer.start()
        var configuration = PostgresConfiguration(connectionString: server.connectionString())
        configuration.connectTimeout = .milliseconds(200)
        let client = PostgresClient(configuration)
        let failures = Record<PostgresError>()
        let sequence = client.listen(to: ["c"], heartbeat: .milliseconds(50), backoff: quick) { error, _ in
            failures.append(error)
        }
        var iterator = sequence.makeAsyncIterator()
        try await expect(.connected, from: &iterator)
        try server.pause()
        async let resume: Void = {
            try await eventually("the listener has noticed") { !failures.values.isEmpty }
            try server.resume()
        }()
        try await expect(.connected, from: &iterator)
        try await resume
        #expect(failures.values.first?.code == .timedOut)
        await client.close(grace: .zero)
        try await server.remove()
    }

    @Test func endsWithItsTaskAndItsConnectionToo() async throws {
        let client = PostgresClient(try await freshConfiguration())
        let connected = Record<PostgresNotification>()
        let task = Task {
            for try await notification in client.listen(to: ["c"]) { connected.append(notification) }
        }
        try await eventually("it is connected") { connected.values == [.connected] }
        task.cancel()
        try await task.value
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        try await eventually("its backend is gone") { try await client.query(sql).value(0, 0, as: Int.self) == 0 }
        await client.close()
    }

    @Test func closingTheClientEndsAWaitingSequence() async throws {
        let client = PostgresClient(try await freshConfiguration())
        let connected = Record<PostgresNotification>()
        let task = Task {
            for try await notification in client.listen(to: ["c"]) { connected.append(notification) }
        }
        try await eventually("it is connected") { connected.values == [.connected] }
        await client.close()
        try await task.value
    }

    @Test func aConnectionStringThatCannotWorkIsThrown() async throws {
        let client = PostgresClient(PostgresConfiguration(connectionString: "nonsense"))
        var iterator = client.listen(to: ["c"]).makeAsyncIterator()
        let error = try await postgresError { _ = try await iterator.next() }
        #expect(error?.code == .misuse)
        await client.close()
    }
}
