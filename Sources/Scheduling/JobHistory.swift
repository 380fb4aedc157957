import ActivitySQL
import PostgresClient

/// What became of slots and runs, as `job_run` has it.
package enum JobHistory {
    /// One row: a slot, or several that share a row.
    package struct Row: Sendable, Encodable {
        package var id: Int64
        package var job: String
        /// RFC 3339, like all times here.
        package var nominalAt: String
        package var lastNominalAt: String
        package var slots: Int64?
        package var trigger: String
        package var status: String
        package var reason: String?
        package var result: String?
        package var attempt: Int32
        package var startedAt: String?
        package var finishedAt: String?
        /// From nominal time to start, in seconds.
        package var lateness: Double?
        /// From start to end, in seconds.
        package var duration: Double?

        static let columns = """
            r.id, r.job, r.nominal_at, r.last_nominal_at, r.slots, r.trigger, r.status, r.reason, r.result, r.attempt,
            r.started_at, r.finished_at
            """

        init(_ rows: borrowing PostgresResult, _ row: Int, from column: Int = 0) throws {
            let nominalAt: PostgresTimestamp = try rows.value(row, column + 2)
            let startedAt: PostgresTimestamp? = try rows.value(row, column + 10)
            let finishedAt: PostgresTimestamp? = try rows.value(row, column + 11)
            id = try rows.value(row, column)
            job = try rows.value(row, column + 1)
            self.nominalAt = nominalAt.rfc3339
            lastNominalAt = try rows.value(row, column + 3, as: PostgresTimestamp.self).rfc3339
            slots = try rows.value(row, column + 4)
            trigger = try rows.value(row, column + 5)
            status = try rows.value(row, column + 6)
            reason = try rows.value(row, column + 7)
            result = try rows.value(row, column + 8)
            attempt = try rows.value(row, column + 9)
            self.startedAt = startedAt?.rfc3339
            self.finishedAt = finishedAt?.rfc3339
            lateness = startedAt.map { ($0 - nominalAt) / .seconds(1) }
            duration = startedAt.flatMap { start in finishedAt.map { ($0 - start) / .seconds(1) } }
        }

        /// Whether anything may still become of it.
        package var isUnderWay: Bool { ["queued", "claimed", "running"].contains(status) }
    }
}

extension JobCatalog {
    /// The newest rows of a job's history, the newest first.
    ///
    /// - Parameters:
    ///   - job: whose.
    ///   - count: how many at most.
    ///   - onlyTroubles: leaves out what succeeded.
    /// - Returns: the rows.
    /// - Throws: `PostgresError`.
    package func history(of job: Job, count: Int, onlyTroubles: Bool = false) async throws -> [JobHistory.Row] {
        let rows = try await postgres.query(
            sql(
                """
                SELECT \(JobHistory.Row.columns) FROM :"schema".job_run AS r
                WHERE r.job = $1 AND (NOT $3 OR r.status <> 'succeeded')
                ORDER BY r.era DESC, r.nominal_at DESC LIMIT $2
                """
            ),
            [.text(job.name), .int8(Int64(count)), .bool(onlyTroubles)],
        )
        return try (0..<rows.rowCount).map { try JobHistory.Row(rows, $0) }
    }

    /// Asks the daemons for a run now.
    ///
    /// - Returns: the number of its row.
    /// - Throws: `PostgresError`.
    package func requestRun(of job: Job) async throws -> Int64 {
        try await postgres.query(sql("SELECT :\"schema\".request_run($1)"), [.text(job.name)]).value(0, 0)
    }

    /// Asks the daemons to end what a job has under way.
    ///
    /// - Returns: how many runs that concerns.
    /// - Throws: `PostgresError`.
    package func requestCancel(of job: Job) async throws -> Int64 {
        try await postgres.query(sql("SELECT :\"schema\".request_cancel($1)"), [.text(job.name)]).value(0, 0)
    }

    /// A row of history as it is now; nil when it has been deleted.
    ///
    /// - Throws: `PostgresError`.
    package func run(_ id: Int64) async throws -> JobHistory.Row? {
        let rows = try await postgres.query(
            sql("SELECT \(JobHistory.Row.columns) FROM :\"schema\".job_run AS r WHERE r.id = $1"),
            [.int8(id)],
        )
        return rows.rowCount == 0 ? nil : try JobHistory.Row(rows, 0)
    }
}
