import Activity
import PostgresClient

extension PostgresRow {
    /// A moment that is finite.
    func timestamp(_ column: Int) throws(PostgresError) -> Timestamp {
        Timestamp(microseconds: try value(column, as: PostgresTimestamp.self).microseconds)
    }

    /// A moment that is finite, or NULL.
    func optionalTimestamp(_ column: Int) throws(PostgresError) -> Timestamp? {
        try value(column, as: PostgresTimestamp?.self).map { Timestamp(microseconds: $0.microseconds) }
    }
}
