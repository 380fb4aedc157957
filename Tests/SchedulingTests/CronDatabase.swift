import ActivitySQL
import Pipeline
import PostgresClient
import Synchronization
import TestServers

/// A fresh database in which a daemon's role, which is no superuser, owns the schemas, and a few people may connect.
struct CronDatabase: Sendable {
    let sql = ActivitySQL()
    let server: PostgresServer
    let name: String
    /// Roles belong to the server, so their names are new each time.
    let daemon: String
    let alice: String
    let bob: String
    let administrator = "postgres"

    private static let count = Mutex(0)

    /// With a suffix of the roles' names where somebody has to know them in advance.
    init(_ server: PostgresServer? = nil, suffix: String? = nil) async throws {
        if let server { self.server = server } else { self.server = try await PostgresServer.shared }
        name = try await self.server.createDatabase()
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        let suffix = suffix ?? "\(number)"
        (daemon, alice, bob) = ("daemon_\(suffix)", "alice_\(suffix)", "bob_\(suffix)")
        try await execute(
            """
            CREATE ROLE \(daemon) LOGIN; CREATE ROLE \(alice) LOGIN; CREATE ROLE \(bob) LOGIN;
            GRANT CREATE ON DATABASE \(name) TO \(daemon);
            """,
            as: administrator,
        )
        try await withConnection(as: daemon) { connection in
            _ = try await Migrator(sql.ownSchema).migrate(connection)
            _ = try await Migrator(sql.cronSchema).migrate(connection)
            try await connection.execute(script: "GRANT USAGE ON SCHEMA cron TO \(alice), \(bob)")
        }
    }

    func configuration(as role: String, database: String? = nil) -> PostgresConfiguration {
        PostgresConfiguration(connectionString: server.connectionString(database: database ?? name, user: role))
    }

    /// A connection of a role that really logs in as itself.
    func withConnection<R: Sendable>(
        as role: String,
        _ body: (PostgresConnection) async throws -> R,
    ) async throws -> R {
        let connection = try await PostgresConnection.connect(configuration(as: role))
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    func execute(_ script: String, as role: String) async throws {
        try await withConnection(as: role) { _ = try await $0.execute(script: script) }
    }

    /// The rows of a statement as texts: `(1,foo)` for more than one column.
    func rows(_ statement: String, as role: String) async throws -> [String] {
        try await withConnection(as: role) { connection in
            try await connection.query("SELECT answer::text FROM (\(statement)) AS answer").map { try $0.value(0) }
        }
    }

    /// What the server says to a statement that it refuses: SQLSTATE and message, with DETAIL and HINT where there are.
    func refusal(_ statement: String, as role: String) async throws -> String {
        do {
            try await execute(statement, as: role)
            return "accepted"
        } catch let error as PostgresError {
            let parts = [error.sqlState, error.message, error.detail.map { "(\($0))" }, error.hint.map { "[\($0)]" }]
            return parts.compactMap(\.self).joined(separator: " ")
        }
    }
}
