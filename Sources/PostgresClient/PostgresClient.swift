/// A PostgreSQL server: a small pool of connections, and listening.
///
/// Connections are opened when they are needed and used again. Whoever finds all of them lent waits in order of arrival;
/// waiting ends with the task's cancellation. A broken connection is dropped and never lent again.
public final class PostgresClient: Sendable {
    let pool: ConnectionPool

    /// Creates a client; nothing is connected yet.
    public init(_ configuration: PostgresConfiguration) {
        pool = ConnectionPool(configuration)
    }

    /// Lends a connection to `body`.
    ///
    /// - Parameters:
    ///   - isolation: the actor that `body` runs on; the caller's.
    ///   - body: what to do; the connection must not be used after it has returned.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws; `PostgresError` when there is no connection to be had.
    public func withConnection<R>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> R,
    ) async throws -> R {
        let connection = try await pool.lend()
        do {
            let value = try await body(connection)
            await pool.giveBack(connection)
            return value
        } catch {
            await pool.giveBack(connection)
            throw error
        }
    }

    /// Runs one statement on any connection.
    ///
    /// - Parameters:
    ///   - sql: one statement with parameters `$1`, `$2`, …
    ///   - parameters: their values.
    ///   - timeout: from the start of the statement; waiting for a connection does not count.
    /// - Returns: all rows.
    /// - Throws: `PostgresError`.
    public func query(
        _ sql: String,
        _ parameters: [PostgresParameter] = [],
        timeout: Duration? = nil,
    ) async throws -> PostgresResult {
        let connection = try await pool.lend()
        do {
            let result = try await connection.query(sql, parameters, timeout: timeout)
            await pool.giveBack(connection)
            return result
        } catch {
            await pool.giveBack(connection)
            throw error
        }
    }

    /// Refuses new users, closes idle connections and waits for those in use; after `grace` these are ended.
    ///
    /// A statement that is still running then is cancelled on the server. Listening sequences end without an error.
    public func close(grace: Duration = .seconds(5)) async {
        await pool.close(grace: grace)
    }
}
