package import PostgresClient

/// A slot that lies ahead.
package struct PlannedSlot: Sendable, Hashable {
    /// The job's name.
    package var job: String
    /// When it is due.
    package var at: PostgresTimestamp

    /// A slot from its parts.
    package init(job: String, at: PostgresTimestamp) {
        self.job = job
        self.at = at
    }
}
