import ActivitySQL
import PostgresClient

/// Makes the partitions of facts for the months to come, and changes partitions without keeping anybody waiting.
///
/// To attach a partition PostgreSQL wants the default one for itself, to drop one it wants all of them. While it waits
/// for a long reader, nobody else gets at the facts, so it waits for two seconds at most.
struct FactPartitions: Sendable {
    let sql: ActivitySQL

    /// This month and those after it of which partitions are made.
    private static let months = 0...2
    private static let lockTimeout = "2s"
    /// The lock was not to be had: in time, or without a deadlock with somebody who came the other way.
    private static let inUse: Set = ["55P03", "40P01"]

    /// Makes partitions ahead; the feed makes those that it needs before by itself.
    ///
    /// - Returns: how many there are from this month on.
    /// - Throws: `PostgresError`.
    func makeAhead(_ connection: PostgresConnection) async throws -> Int {
        var made = 0
        for month in Self.months {
            let isThere = try await change(connection) { connection in
                _ = try await connection.query(
                    sql("SELECT :\"schema\".ensure_fact_partition(now() + interval '\(month) months')")
                )
                return true
            }
            guard isThere == true else { break }
            made += 1
        }
        return made
    }

    /// Runs `body` in a transaction while no batch is fed; nil when somebody else kept a lock for too long.
    ///
    /// The feed's lock is taken first, as the feed does: neither waits for the other in the middle.
    func change<R>(
        _ connection: PostgresConnection,
        _ body: (PostgresConnection) async throws -> R,
    ) async throws -> R? {
        do {
            return try await connection.transaction { connection in
                _ = try await connection.query("SET LOCAL lock_timeout = '\(Self.lockTimeout)'")
                _ = try await connection.query(sql("SELECT FROM :\"schema\".feed FOR UPDATE"))
                return try await body(connection)
            }
        } catch let error as PostgresError where Self.inUse.contains(error.sqlState ?? "") {
            return nil
        }
    }
}
