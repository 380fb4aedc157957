import PostgresClient
import TestServers
import Testing

/// A server that goes away fails its callers soon, and is found again when it is back.
@Suite(.timeLimit(.minutes(5))) struct ServerFailureTests {
    @Test func aTerminatedBackendFailsItsCallerWithTheServersReason() async throws {
        let observer = try await sharedConnection()
        let connection = try await sharedConnection()
        let backend = try await connection.backend()
        let task = Task { try await connection.query("SELECT pg_sleep(60)").rowCount }
        try await observer.waitUntilSleeping(backend)
        _ = try await observer.query("SELECT pg_terminate_backend($1)", [.int4(Int32(backend))])
        let error = try await postgresError { _ = try await task.value }
        #expect(error?.code == .connectionLost)
        #expect(error?.sqlState == "57P01")
        #expect(error?.isRetriable == true)
    }

    enum Failure: CaseIterable {
        case kill
        case immediate
        case fast
    }

    @Test(arguments: Failure.allCases)
    func aDeadServerFailsItsCallersAndThePoolRecovers(_ failure: Failure) async throws {
        let server = try await PostgresServer.start()
        var configuration = PostgresConfiguration(connectionString: server.connectionString())
        configuration.maximumConnections = 3
        let client = PostgresClient(configuration)
        let observer = try await PostgresConnection.connect(configuration)
        let idle = try await client.withConnection { try await $0.backend() }
        let tasks = (0..<3).map { _ in Task { try await client.query("SELECT pg_sleep(60)").rowCount } }
        try await eventually("three sleep") {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
            return try await observer.query(sql).value(0, 0, as: Int.self) == 3
        }
        let time = try await elapsed {
            switch failure {
            case .kill: try await server.kill9()
            case .immediate: try await server.stop(mode: .immediate)
            case .fast: try await server.stop(mode: .fast)
            }
            for task in tasks {
                #expect(try await postgresError { _ = try await task.value }?.code == .connectionLost)
            }
        }
        #expect(time < .seconds(10))
        #expect(try await postgresError { _ = try await client.query("SELECT 1") }?.code == .connectionFailed)
        try await server.startAgain()
        let backend = try await client.query("SELECT pg_backend_pid()").value(0, 0, as: Int64.self)
        #expect(backend != idle)
        await client.close()
        try await server.remove()
    }

    @Test func aFrozenServerFailsItsCallersAtTheirDeadline() async throws {
        let server = try await PostgresServer.start()
        var configuration = PostgresConfiguration(connectionString: server.connectionString(overTCP: true))
        configuration.connectTimeout = .milliseconds(300)
        let connection = try await PostgresConnection.connect(configuration)
        try server.pause()
        let time = try await elapsed {
            let error = try await postgresError {
                _ = try await connection.query("SELECT 1", timeout: .milliseconds(200))
            }
            #expect(error?.code == .timedOut)
            #expect(
                try await postgresError { _ = try await PostgresConnection.connect(configuration) }?.code == .timedOut
            )
        }
        #expect(time < .seconds(10))
        try server.resume()
        configuration.connectTimeout = .seconds(60)
        _ = try await PostgresConnection.connect(configuration)
        try await server.remove()
    }
}
