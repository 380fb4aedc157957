import TestServers
import Testing

@testable import PostgresClient

@Suite(.timeLimit(.minutes(5))) struct ConnectionPoolTests {
    private func client(_ maximum: Int) async throws -> PostgresClient {
        var configuration = try await sharedConfiguration()
        configuration.maximumConnections = maximum
        return PostgresClient(configuration)
    }

    @Test func connectionsAreUsedAgain() async throws {
        let client = try await client(4)
        let first = try await client.withConnection { try await $0.backend() }
        let second: Int64 = try await client.query("SELECT pg_backend_pid()").value(0, 0)
        #expect(first == second)
        #expect(client.pool.idleCount == 1)
        await client.close()
    }

    @Test func neverOpensMoreThanAllowed() async throws {
        let client = try await client(3)
        let backends = Record<Int64>()
        try await withThrowingTaskGroup { group in
            for _ in 0..<60 {
                group.addTask {
                    let sql = "SELECT pg_backend_pid() FROM pg_sleep(0.002)"
                    backends.append(try await client.query(sql).value(0, 0))
                }
            }
            try await group.waitForAll()
        }
        #expect(backends.values.count == 60)
        #expect(Set(backends.values).count <= 3)
        await client.close()
    }

    @Test func waitersAreServedInOrderOfArrival() async throws {
        let client = try await client(1)
        let order = Record<Int>()
        try await withThrowingTaskGroup { group in
            try await client.withConnection { _ in
                for number in 0..<8 {
                    group.addTask { try await client.withConnection { _ in order.append(number) } }
                    try await eventually("\(number + 1) wait") { client.pool.waiterCount == number + 1 }
                }
            }
            try await group.waitForAll()
        }
        #expect(order.values == Array(0..<8))
        await client.close()
    }

    @Test func aWaiterCanBeCancelled() async throws {
        let client = try await client(1)
        try await client.withConnection { _ in
            let waiter = Task { try await client.query("SELECT 1").rowCount }
            try await eventually("it waits") { client.pool.waiterCount == 1 }
            waiter.cancel()
            #expect(try await postgresError { _ = try await waiter.value }?.code == .cancelled)
        }
        #expect(try await client.query("SELECT 1").rowCount == 1)
        await client.close()
    }

    @Test func aFailedConnectLosesNoPlace() async throws {
        var configuration = PostgresConfiguration(connectionString: "host=127.0.0.1 port=\(try FreePort.find())")
        configuration.maximumConnections = 1
        let client = PostgresClient(configuration)
        for _ in 0..<3 {
            #expect(try await postgresError { _ = try await client.query("SELECT 1") }?.code == .connectionFailed)
        }
        await client.close()
    }

    private actor Counter {
        var count = 0

        func add(_ client: PostgresClient) async throws {
            try await client.withConnection { connection in
                count += try await connection.query("SELECT 2").value(0, 0, as: Int.self)
            }
        }
    }

    @Test func bodiesRunOnTheCallersActor() async throws {
        let client = try await client(1)
        let counter = Counter()
        try await counter.add(client)
        #expect(await counter.count == 2)
        await client.close()
    }

    enum Spoiling: CaseIterable {
        case timeout
        case openTransaction
        case close
        case terminated
    }

    @Test(arguments: Spoiling.allCases)
    func aSpoiltConnectionIsNotLentAgain(_ spoiling: Spoiling) async throws {
        let client = try await client(1)
        let observer = try await sharedConnection()
        let first = try await client.withConnection { connection in
            let backend = try await connection.backend()
            switch spoiling {
            case .timeout: _ = try? await connection.query("SELECT pg_sleep(60)", timeout: .milliseconds(10))
            case .openTransaction: try await connection.execute(script: "BEGIN; SELECT 1")
            case .close: await connection.close()
            case .terminated: break
            }
            return backend
        }
        if spoiling == .terminated {
            _ = try await observer.query("SELECT pg_terminate_backend($1)", [.int4(Int32(first))])
            try await eventually("the backend is gone") { try await observer.activity(of: first) == nil }
        }
        let second: Int64 = try await client.query("SELECT pg_backend_pid()").value(0, 0)
        #expect(first != second)
        try await eventually("the spoilt backend is gone") { try await observer.activity(of: first) == nil }
        await client.close()
    }

    @Test func closingRefusesWaitersAndNewcomersAndWaitsForUsers() async throws {
        let client = try await client(1)
        let inside = Record<Bool>()
        let user = Task {
            try await client.withConnection { connection in
                inside.append(true)
                try await eventually("the pool is closed") { client.pool.isClosed }
                return try await connection.query("SELECT 1").rowCount
            }
        }
        try await eventually("the user is inside") { !inside.values.isEmpty }
        let waiter = Task { try await client.query("SELECT 1").rowCount }
        try await eventually("it waits") { client.pool.waiterCount == 1 }
        await client.close(grace: .seconds(20))
        #expect(try await user.value == 1)
        #expect(try await postgresError { _ = try await waiter.value }?.code == .poolClosed)
        #expect(try await postgresError { _ = try await client.query("SELECT 1") }?.code == .poolClosed)
    }

    @Test func closingEndsWhatDoesNotEndByItself() async throws {
        let client = try await client(1)
        let observer = try await sharedConnection()
        let backends = Record<Int64>()
        let user = Task {
            try await client.withConnection { connection in
                backends.append(try await connection.backend())
                return try await connection.query("SELECT pg_sleep(60)").rowCount
            }
        }
        try await eventually("the user is inside") { !backends.values.isEmpty }
        let backend = try #require(backends.values.first)
        try await observer.waitUntilSleeping(backend)
        await client.close(grace: .milliseconds(50))
        #expect(try await postgresError { _ = try await user.value }?.code == .cancelled)
        try await eventually("the backend is gone") { try await observer.activity(of: backend) == nil }
    }
}
