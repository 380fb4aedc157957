import PostgresClient
import Synchronization
import TestServers

/// A fresh database on the shared server.
func freshConfiguration() async throws -> PostgresConfiguration {
    let server = try await PostgresServer.shared
    return PostgresConfiguration(connectionString: server.connectionString(database: try await server.createDatabase()))
}

/// A configuration for the shared server's own database, where nothing is created.
func sharedConfiguration() async throws -> PostgresConfiguration {
    PostgresConfiguration(connectionString: try await PostgresServer.shared.connectionString())
}

func sharedConnection() async throws -> PostgresConnection {
    try await PostgresConnection.connect(sharedConfiguration())
}

/// Runs `body` and returns the `PostgresError` it throws; anything else is rethrown or nil.
func postgresError(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Void,
) async throws -> PostgresError? {
    do {
        try await body()
        return nil
    } catch let error as PostgresError {
        return error
    }
}

extension PostgresConnection {
    func backend() async throws -> Int64 {
        try await query("SELECT pg_backend_pid()").value(0, 0)
    }

    /// What a backend is doing now; nil when there is no such backend.
    func activity(of backend: Int64) async throws -> String? {
        let result = try await query(
            "SELECT state || ' ' || query FROM pg_stat_activity WHERE pid = $1",
            [.int4(Int32(backend))],
        )
        return result.rowCount == 0 ? nil : try result.value(0, 0)
    }

    func waitUntilSleeping(_ backend: Int64) async throws {
        try await eventually("backend \(backend) sleeps") {
            try await activity(of: backend)?.hasPrefix("active SELECT pg_sleep") == true
        }
    }

    func waitUntilNotSleeping(_ backend: Int64) async throws {
        try await eventually("backend \(backend) does not sleep any more") {
            try await activity(of: backend)?.hasPrefix("active") != true
        }
    }
}

/// Values that several tasks add to.
final class Record<Value: Sendable>: Sendable {
    private let storage = Mutex<[Value]>([])

    var values: [Value] { storage.withLock { $0 } }

    func append(_ value: Value) {
        storage.withLock { $0.append(value) }
    }
}

func elapsed(isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void) async throws -> Duration {
    let start = ContinuousClock.now
    try await body()
    return ContinuousClock.now - start
}
