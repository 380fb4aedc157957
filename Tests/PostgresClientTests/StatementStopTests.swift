import Foundation
import PostgresClient
import TestServers
import Testing

/// Whatever stops a statement here stops it on the server too, and costs the connection.
@Suite(.timeLimit(.minutes(5))) struct StatementStopTests {
    enum Means: CaseIterable {
        case timeout
        case taskCancellation
        case cancel
    }

    private let sleep = "SELECT pg_sleep(60)"

    @Test(arguments: Means.allCases)
    func stopsTheStatementOnTheServer(_ means: Means) async throws {
        let observer = try await sharedConnection()
        let connection = try await sharedConnection()
        let backend = try await connection.backend()
        let task = Task {
            let timeout: Duration? = means == .timeout ? .milliseconds(100) : nil
            _ = try await connection.query("SELECT pg_sleep(60)", timeout: timeout)
        }
        if means != .timeout { try await observer.waitUntilSleeping(backend) }
        if means == .taskCancellation { task.cancel() }
        if means == .cancel { await connection.cancel() }
        let error = try await postgresError { try await task.value }
        #expect(error?.code == (means == .timeout ? .timedOut : .cancelled))
        try await observer.waitUntilNotSleeping(backend)
        let later = try await postgresError { _ = try await connection.query("SELECT 1") }
        #expect(later?.code == .connectionLost)
    }

    @Test func aScriptAndAStreamStopToo() async throws {
        let observer = try await sharedConnection()
        for useScript in [true, false] {
            let connection = try await sharedConnection()
            let backend = try await connection.backend()
            let error = try await postgresError {
                if useScript {
                    try await connection.execute(script: "SELECT 1; SELECT pg_sleep(60)", timeout: .milliseconds(100))
                } else {
                    _ = try await connection.stream("SELECT pg_sleep(60)", timeout: .milliseconds(100), into: 0) {
                        _,
                        _ in
                    }
                }
            }
            #expect(error?.code == .timedOut)
            try await observer.waitUntilNotSleeping(backend)
        }
    }

    @Test func aStatementOfACancelledTaskIsNotSentAndTheConnectionLives() async throws {
        let connection = try await sharedConnection()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await connection.query("SELECT 1")
        }
        #expect(try await postgresError { try await task.value }?.code == .cancelled)
        _ = try await connection.backend()
    }

    @Test func cancelWithoutAStatementChangesNothing() async throws {
        let connection = try await sharedConnection()
        await connection.cancel()
        _ = try await connection.backend()
    }

    @Test func aLateCancellationDoesNotHitTheNextStatement() async throws {
        let connection = try await sharedConnection()
        for _ in 0..<50 {
            let task = Task { try await connection.backend() }
            _ = try await task.value
            task.cancel()
            _ = try await connection.backend()
        }
    }

    @Test func aWaitingStatementCanBeCancelledWhileAnotherRuns() async throws {
        let observer = try await sharedConnection()
        let connection = try await sharedConnection()
        let backend = try await connection.backend()
        let running = Task { try await connection.query("SELECT pg_sleep(60)").rowCount }
        try await observer.waitUntilSleeping(backend)
        let waiting = Task { try await connection.query("SELECT 1").rowCount }
        waiting.cancel()
        #expect(try await postgresError { _ = try await waiting.value }?.code == .cancelled)
        #expect(try await observer.activity(of: backend)?.hasPrefix("active") == true)
        running.cancel()
        #expect(try await postgresError { _ = try await running.value }?.code == .cancelled)
    }

    @Test func theServersOwnTimeoutLeavesTheConnectionUsable() async throws {
        var configuration = try await sharedConfiguration()
        configuration.statementTimeout = .milliseconds(50)
        let connection = try await PostgresConnection.connect(configuration)
        let error = try await postgresError { _ = try await connection.query(sleep) }
        #expect(error?.code == .server && error?.sqlState == "57014")
        _ = try await connection.backend()
    }

    @Test func waitingStatementsBlockedTheCooperativePool() async throws {
        let tasks = (0..<3 * ProcessInfo.processInfo.activeProcessorCount).map { _ in
            Task { try await sharedConnection().query("SELECT pg_sleep(60)").rowCount }
        }
        let observer = try await sharedConnection()
        try await eventually("all sleep") {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
            return try await observer.query(sql).value(0, 0, as: Int.self) >= tasks.count
        }
        for task in tasks {
            task.cancel()
            #expect(try await postgresError { _ = try await task.value }?.code == .cancelled)
        }
    }

    @Test func anEndlessStreamEndsAtItsDeadline() async throws {
        let connection = try await sharedConnection()
        let error = try await postgresError {
            let sql = "SELECT generate_series(1, 1000000000000)"
            _ = try await connection.stream(sql, timeout: .milliseconds(300), into: 0) { count, _ in count += 1 }
        }
        #expect(error?.code == .timedOut)
    }
}
