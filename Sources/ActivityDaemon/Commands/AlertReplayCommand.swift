package import Activity
import ActivitySQL
import Pipeline
import PostgresClient

/// `activityd alerts replay`
package struct AlertReplayCommand: Sendable {
    private let configuration: DaemonConfiguration

    /// A command for a configuration.
    package init(_ configuration: DaemonConfiguration) {
        self.configuration = configuration
    }

    /// Announces again what was written in a period of time.
    ///
    /// - Returns: how many events.
    /// - Throws: `PostgresError`, `RedisError`; `EmptyPeriodError` when the end is not after the beginning.
    package func run(from: Timestamp, to: Timestamp?) async throws -> Int {
        let end = to ?? Clock.now
        guard from < end else { throw EmptyPeriodError(from: from, to: end) }
        let configuration = configuration
        return try await withRedis(try configuration.redisConnection) { redis in
            let postgres = PostgresClient(configuration.postgres)
            let sql = ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema)
            let replay = AlertReplay(postgres, sql, redis, prefix: configuration.redis.prefix)
            let bounds =
                PostgresTimestamp(microseconds: from.microseconds)..<PostgresTimestamp(microseconds: end.microseconds)
            let count = try await replay.announce(writtenIn: bounds)
            await postgres.close()
            return count
        }
    }
}

/// A period without a moment in it.
package struct EmptyPeriodError: Error, CustomStringConvertible {
    let from: Timestamp
    let to: Timestamp

    package var description: String { "from \(from) to \(to) is refused; accepted is an end after the beginning" }
}
