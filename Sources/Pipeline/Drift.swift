package import Activity
package import PostgresClient

/// An hour whose facts were not what the raw rows say.
package struct Drift: Sendable, Hashable {
    /// When the hour begins.
    package var hour: Timestamp
    /// Events in the facts.
    package var before: Int64
    /// Raw rows that the feed has passed.
    package var after: Int64
    /// What became of the raw rows.
    package var cause: Cause

    /// What became of the raw rows since they were fed, as far as they tell.
    package enum Cause: String, Sendable, CaseIterable {
        /// Some are gone.
        case deleted
        /// There are more, with ids that the feed had passed.
        case added
        /// As many, and some are others.
        case rewritten
        /// Some are gone, and some are others.
        case deletedAndRewritten = "deleted, rewritten"
        /// There are more, and some are others.
        case addedAndRewritten = "added, rewritten"
    }

    /// A drift from its parts.
    package init(hour: Timestamp, before: Int64, after: Int64, cause: Cause) {
        self.hour = hour
        self.before = before
        self.after = after
        self.cause = cause
    }
}

extension Drift: CustomStringConvertible {
    /// Such as `2026-11-24T10:00:00Z deleted (120 → 100)`.
    package var description: String { "\(hour) \(cause.rawValue) (\(before) → \(after))" }
}

extension Drift {
    /// A row of what `findDrift` and `repairDrift` answer.
    ///
    /// - Throws: `PostgresError` when it is another.
    package init(_ row: borrowing PostgresRow) throws {
        guard let cause = Cause(rawValue: try row.value(3)) else {
            throw PostgresError(.unexpectedAnswer, "unknown cause of drift")
        }
        self.init(
            hour: Timestamp(microseconds: try row.value(0, as: PostgresTimestamp.self).microseconds),
            before: try row.value(1),
            after: try row.value(2),
            cause: cause,
        )
    }
}
