import Activity
import PostgresClient

/// Where detection stands at the beginning of a batch.
struct DetectionPosition: Sendable {
    /// The server's time.
    let now: Timestamp
    /// Events before are history.
    let beginsAt: Timestamp
    /// Whether the history has been learnt.
    let hasLearnt: Bool
    /// Counts the writes of detectors' state.
    let revision: Int64
    /// Whether sign-ins were reported that nobody has looked at.
    let hasAuthEvents: Bool

    init(_ row: borrowing PostgresResult) throws(PostgresError) {
        now = Timestamp(microseconds: try row.value(0, 0, as: PostgresTimestamp.self).microseconds)
        beginsAt = Timestamp(microseconds: try row.value(0, 1, as: PostgresTimestamp.self).microseconds)
        hasLearnt = try row.value(0, 2)
        revision = try row.value(0, 3)
        hasAuthEvents = try row.value(0, 4)
    }
}
