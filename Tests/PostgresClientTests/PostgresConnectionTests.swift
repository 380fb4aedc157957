import PostgresClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(5))) struct PostgresConnectionTests {
    @Test func appliesItsSettings() async throws {
        var configuration = try await sharedConfiguration()
        configuration.applicationName = "it's \\ me"
        configuration.statementTimeout = .milliseconds(12_345)
        configuration.sessionSettings = ["jit": "off"]
        let connection = try await PostgresConnection.connect(configuration)
        #expect(await connection.serverVersion >= 120_000)
        let settings = [
            "client_encoding": "UTF8", "TimeZone": "UTC", "application_name": "it's \\ me",
            "statement_timeout": "12345ms", "jit": "off",
        ]
        for (name, value) in settings {
            #expect(try await connection.query("SHOW \(name)").value(0, 0, as: String.self) == value)
        }
    }

    @Test(arguments: [
        ("", PostgresOutcome.nothing), (";", .nothing), ("SELECT 1 WHERE false", .rows(0)),
        ("SELECT generate_series(1, 5000)", .rows(5000)), ("SELECT 1; SELECT 2 UNION SELECT 3", .rows(2)),
        ("SELECT 1; CREATE TEMP TABLE a ()", .command("CREATE TABLE")),
        ("CREATE TEMP TABLE a (n int); INSERT INTO a VALUES (1), (2)", .command("INSERT 0 2")),
    ])
    func saysWhatAScriptDid(_ script: String, _ outcome: PostgresOutcome) async throws {
        let connection = try await sharedConnection()
        #expect(try await connection.execute(script: script) == outcome)
        #expect(try await connection.query("SELECT pg_backend_pid()").value(0, 0) == connection.processID)
        await connection.close()
    }

    @Test func serverErrorsCarryTheirFields() async throws {
        let connection = try await PostgresConnection.connect(freshConfiguration())
        try await connection.execute(
            script: "CREATE TABLE t (n int CONSTRAINT t_n_key UNIQUE); INSERT INTO t VALUES (7)"
        )
        let caught = try await postgresError {
            _ = try await connection.query("INSERT INTO t VALUES ($1)", [.int4(7)])
        }
        let error = try #require(caught)
        #expect(error.code == .server)
        #expect(error.sqlState == "23505")
        #expect(error.severity == "ERROR")
        #expect(error.detail == "Key (n)=(7) already exists.")
        #expect(error.schemaName == "public" && error.tableName == "t" && error.constraintName == "t_n_key")
        #expect(!error.isRetriable)
        #expect(!error.description.contains("(7)"))
    }

    @Test(arguments: ["SELEC 1", "SELECT 1/0", "SELECT missing()", "SELECT 1; SELECT 2", "COMMIT AND CHAIN"])
    func anErrorLeavesTheConnectionUsable(_ sql: String) async throws {
        let connection = try await sharedConnection()
        let backend = try await connection.backend()
        let error = try await postgresError { _ = try await connection.query(sql) }
        #expect(error?.code == .server)
        #expect(try await connection.backend() == backend)
    }

    @Test(arguments: ["COPY pg_class TO STDOUT", "COPY pg_class FROM STDIN"])
    func copyByQueryIsRefused(_ sql: String) async throws {
        let connection = try await sharedConnection()
        let error = try await postgresError { _ = try await connection.query(sql) }
        #expect(error?.code == .misuse)
        let script = try await sharedConnection()
        #expect(try await postgresError { try await script.execute(script: sql) }?.code == .misuse)
    }

    @Test func statementsWithNULAreRefusedAndNotCutShort() async throws {
        let connection = try await sharedConnection()
        #expect(try await postgresError { _ = try await connection.query("SELECT 1\u{0}") }?.code == .misuse)
        #expect(try await postgresError { try await connection.execute(script: "\u{0}") }?.code == .misuse)
        let untyped = try await postgresError {
            _ = try await connection.query("SELECT $1::uuid", [.untyped("a\u{0}")])
        }
        #expect(untyped?.code == .misuse)
        let text = try await postgresError { _ = try await connection.query("SELECT $1", [.text("a\u{0}")]) }
        #expect(text?.sqlState == "22021")
        _ = try await connection.backend()
    }

    @Test func tooManyParametersAreRefusedAndTheConnectionLives() async throws {
        let connection = try await sharedConnection()
        let parameters = [PostgresParameter](repeating: .null, count: 70_000)
        #expect(try await postgresError { _ = try await connection.query("SELECT 1", parameters) }?.code == .misuse)
        _ = try await connection.backend()
    }

    @Test func largeValuesPassInBothDirections() async throws {
        let connection = try await sharedConnection()
        let text = String(repeating: "0123456789abcdef", count: 1 << 17)
        let result = try await connection.query("SELECT $1, length($1)", [.text(text)])
        #expect(try result.value(0, 0, as: String.self) == text)
        #expect(try result.value(0, 1, as: Int.self) == 16 << 17)
    }

    @Test func aScriptStopsAtItsFirstError() async throws {
        let connection = try await PostgresConnection.connect(freshConfiguration())
        let script = "CREATE TABLE a (n int); SELECT 1/0; CREATE TABLE b (n int)"
        let error = try await postgresError { try await connection.execute(script: script) }
        #expect(error?.sqlState == "22012")
        let tables = try await connection.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        #expect(try tables.value(0, 0, as: Int.self) == 0)
        try await connection.execute(script: "CREATE TABLE a (n int); INSERT INTO a VALUES (1); SELECT * FROM a;")
        #expect(try await connection.query("SELECT n FROM a").value(0, 0, as: Int.self) == 1)
    }

    @Test func concurrentStatementsDoNotInterleave() async throws {
        let connection = try await sharedConnection()
        try await withThrowingTaskGroup { group in
            for number in 0..<50 {
                group.addTask {
                    let sql = number.isMultiple(of: 2) ? "SELECT $1" : "SELECT $1 FROM pg_sleep(0.002)"
                    let result = try await connection.query(sql, [.int8(Int64(number))])
                    #expect(try result.value(0, 0, as: Int.self) == number)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func aClosedConnectionSaysSo() async throws {
        let connection = try await sharedConnection()
        await connection.close()
        #expect(try await postgresError { _ = try await connection.query("SELECT 1") }?.code == .misuse)
        await connection.cancel()
        await connection.close()
    }
}
