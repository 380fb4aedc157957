import Detection
import PostgresClient

extension ActivityEvent {
    /// The event of a row of `directus_activity`: id, timestamp, user, ip, collection, action, item from a column on.
    init(_ row: borrowing PostgresRow, from column: Int) throws(PostgresError) {
        self.init(
            id: try row.value(column),
            at: try row.timestamp(column + 1),
            user: try row.value(column + 2),
            ip: try row.value(column + 3),
            collection: try row.value(column + 4),
            action: try row.value(column + 5),
            item: try row.value(column + 6),
        )
    }
}
