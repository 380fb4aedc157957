package import ActivitySQL
package import PostgresClient
package import RedisClient

/// Announces events again, for subscribers that have lost them: on the channel only, with their ids and sequences.
package struct AlertReplay: Sendable {
    private let outbox: AlertOutbox
    private let channel: AlertChannel

    /// Events that are in memory at a time.
    private static let chunk = 500

    /// A replay onto the channel under a prefix; the `run()` of `redis` must be running.
    package init(_ postgres: PostgresClient, _ sql: ActivitySQL, _ redis: RedisClient, prefix: String) {
        outbox = AlertOutbox(postgres, sql)
        channel = AlertChannel(redis, prefix: prefix)
    }

    /// Announces what was written in a period of time and has its number, in order.
    ///
    /// - Parameter period: its end excluded.
    /// - Returns: how many events there were.
    /// - Throws: `PostgresError`, `RedisError`; some may have been announced then.
    package func announce(writtenIn period: Range<PostgresTimestamp>) async throws -> Int {
        var (count, last) = (0, Int64(0))
        while true {
            let events = try await outbox.events(after: last, writtenIn: period, limit: Self.chunk)
            guard let newest = events.last?.sequence else { return count }
            try await channel.announce(events)
            count += events.count
            last = newest
        }
    }
}
