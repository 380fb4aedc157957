import PostgresClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(5)), .serialized) struct TransactionTests {
    private struct Refusal: Error {}

    private func connectionWithTable() async throws -> PostgresConnection {
        let connection = try await PostgresConnection.connect(freshConfiguration())
        try await connection.execute(script: "CREATE TABLE t (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        return connection
    }

    private func count(_ connection: PostgresConnection) async throws -> Int {
        try await connection.query("SELECT count(*) FROM t").value(0, 0)
    }

    @Test func commitsAndReturnsTheValue() async throws {
        let connection = try await connectionWithTable()
        let value = try await connection.transaction { connection in
            try await connection.query("INSERT INTO t VALUES (1)").affectedRows
        }
        #expect(value == 1)
        #expect(try await count(connection) == 1)
    }

    @Test func rollsBackWhatThrows() async throws {
        let connection = try await connectionWithTable()
        await #expect(throws: Refusal.self) {
            try await connection.transaction { connection in
                _ = try await connection.query("INSERT INTO t VALUES (1)")
                throw Refusal()
            }
        }
        #expect(try await count(connection) == 0)
    }

    @Test func rollsBackThoughTheTaskIsCancelled() async throws {
        let connection = try await connectionWithTable()
        let task = Task {
            try await connection.transaction { connection in
                _ = try await connection.query("INSERT INTO t VALUES (1)")
                withUnsafeCurrentTask { $0?.cancel() }
                try Task.checkCancellation()
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await count(connection) == 0)
    }

    @Test func anErrorAtCommitIsThrown() async throws {
        let connection = try await connectionWithTable()
        let error = try await postgresError {
            try await connection.transaction { connection in
                _ = try await connection.query("INSERT INTO t VALUES (1), (1)")
            }
        }
        #expect(error?.sqlState == "23505")
        #expect(try await count(connection) == 0)
    }

    @Test func aSwallowedErrorDoesNotLookLikeACommit() async throws {
        let connection = try await connectionWithTable()
        let error = try await postgresError {
            try await connection.transaction { connection in
                _ = try await connection.query("INSERT INTO t VALUES (1)")
                _ = try await postgresError { _ = try await connection.query("SELECT 1/0") }
            }
        }
        #expect(error?.sqlState == "25P02")
        #expect(try await count(connection) == 0)
    }

    @Test(arguments: PostgresIsolationLevel.allCases, [true, false])
    func setsLevelAndAccess(_ level: PostgresIsolationLevel, readOnly: Bool) async throws {
        let connection = try await sharedConnection()
        try await connection.transaction(level, readOnly: readOnly) { connection in
            let names = [PostgresIsolationLevel.readCommitted: "read committed", .repeatableRead: "repeatable read"]
            let shown: String = try await connection.query("SHOW transaction_isolation").value(0, 0)
            #expect(shown == names[level, default: "serializable"])
            let access: String = try await connection.query("SHOW transaction_read_only").value(0, 0)
            #expect(access == (readOnly ? "on" : "off"))
        }
    }

    @Test func aTransactionInATransactionIsRefused() async throws {
        let connection = try await connectionWithTable()
        let error = try await postgresError {
            try await connection.transaction { connection in
                try await connection.transaction { _ in }
            }
        }
        #expect(error?.code == .misuse)
        try await connection.execute(script: "BEGIN")
        #expect(try await postgresError { try await connection.transaction { _ in } }?.code == .misuse)
    }

    @Test func statementsOfOtherTasksStayOutside() async throws {
        let connection = try await connectionWithTable()
        let stranger = try await connection.transaction { connection in
            _ = try await connection.query("INSERT INTO t VALUES (1)")
            // Detached: a child task would belong to the transaction.
            let stranger = Task.detached { try await connection.query("INSERT INTO t VALUES (2)").affectedRows }
            async let sibling = connection.query("SELECT count(*) FROM t").value(0, 0, as: Int.self)
            #expect(try await sibling == 1)
            withExtendedLifetime(stranger) {}
            return (stranger, try await connection.query("SELECT pg_current_xact_id()").value(0, 0, as: Int.self))
        }
        #expect(try await stranger.0.value == 1)
        let writers = try await connection.query("SELECT count(DISTINCT xmin::text) FROM t")
        #expect(try writers.value(0, 0, as: Int.self) == 2)
    }

    @Test func bodiesMayUseTheCallersIsolationAndUnsendableState() async throws {
        final class Unsendable { var count = 0 }
        let unsendable = Unsendable()
        let client = PostgresClient(try await sharedConfiguration())
        let same = try await client.withConnection { connection in
            try await connection.transaction { connection in
                unsendable.count += try await connection.query("SELECT 3").value(0, 0, as: Int.self)
                return unsendable
            }
        }
        #expect(same === unsendable && unsendable.count == 3)
        await client.close()
    }
}
