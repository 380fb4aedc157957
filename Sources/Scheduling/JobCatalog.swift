package import ActivitySQL
import Cron
package import PostgresClient

/// All jobs with how they stand, and what people may ask of them: the view from outside of the scheduler.
package struct JobCatalog: Sendable {
    let postgres: PostgresClient
    let sql: ActivitySQL
    private let builtIn: [Job]
    private let cronJobs: CronJobSource

    /// A catalog of the daemon's own jobs and of those in `cron.job`.
    package init(_ postgres: PostgresClient, _ sql: ActivitySQL, builtIn: [Job], timeZone: String) {
        self.postgres = postgres
        self.sql = sql
        self.builtIn = builtIn
        cronJobs = CronJobSource(timeZones: TimeZoneDatabase(), defaultZone: timeZone)
    }

    /// A job and how it stands.
    package struct Entry: Sendable {
        /// The job.
        package var job: Job
        /// The name that its owner gave it; nil for a job of the daemon, or one without a name.
        package var title: String?
        /// Whether a person has paused it, or its definition says that it does not run.
        package var isPaused: Bool
        /// Its newest row of history.
        package var lastRun: JobHistory.Row?
    }

    /// All jobs by name, and rows of `cron.job` that cannot be run.
    ///
    /// - Returns: the jobs, and a line for each row that was refused.
    /// - Throws: `PostgresError`.
    package func entries() async throws -> (entries: [Entry], refused: [String]) {
        let contents = try await postgres.withConnection { try await cronJobs.load($0) }
        let titles = try await postgres.withConnection { try await self.titles($0) }
        let jobs = builtIn + contents.jobs
        let states = try await states(jobs)
        let entries = jobs.map { job in
            let state = states[job.name]
            return Entry(
                job: job,
                title: titles[job.name],
                isPaused: !job.isActive || state?.isHeld ?? false,
                lastRun: state?.lastRun,
            )
        }
        return (entries, contents.refusals.map(\.description))
    }

    /// The job that goes by a name: its own, or the one that its owner gave it.
    ///
    /// - Returns: the job and how it stands.
    /// - Throws: `UnknownJobError`, `PostgresError`.
    package func entry(_ name: String) async throws -> Entry {
        let all = try await entries().entries
        if let entry = all.first(where: { $0.job.name == name }) { return entry }
        let titled = all.filter { $0.title == name }
        guard titled.count == 1, let entry = titled.first else {
            throw UnknownJobError(name: name, known: titled.isEmpty ? all.map(\.job.name) : titled.map(\.job.name))
        }
        return entry
    }

    /// Pauses a job, or lets it run again. The slots between are noted as skipped.
    ///
    /// - Throws: `PostgresError`.
    package func setPaused(_ job: Job, _ isPaused: Bool) async throws {
        if let id = CronJobSource.id(job.name) {
            _ = try await postgres.query(
                "UPDATE cron.job SET active = $2 WHERE jobid = $1",
                [.int8(id), .bool(!isPaused)],
            )
        } else {
            _ = try await postgres.query(
                sql("SELECT :\"schema\".hold_job($1, $2)"),
                [.text(job.name), .bool(isPaused)],
            )
        }
    }

    private func titles(_ connection: PostgresConnection) async throws -> [String: String] {
        guard try await CronSchema.state(connection) == .installed else { return [:] }
        let rows = try await connection.query("SELECT jobid, jobname FROM cron.job WHERE jobname IS NOT NULL")
        var titles: [String: String] = [:]
        for row in 0..<rows.rowCount { titles[CronJobSource.name(try rows.value(row, 0))] = try rows.value(row, 1) }
        return titles
    }

    private func states(_ jobs: [Job]) async throws -> [String: (isHeld: Bool, lastRun: JobHistory.Row?)] {
        let rows = try await postgres.query(
            sql(
                """
                SELECT s.is_held, s.job, \(JobHistory.Row.columns)
                FROM :"schema".job_state AS s LEFT JOIN LATERAL (
                    SELECT * FROM :"schema".job_run AS r WHERE r.job = s.job
                    ORDER BY r.era DESC, r.nominal_at DESC LIMIT 1
                ) AS r ON true
                WHERE s.job = ANY ($1)
                """
            ),
            [.textArray(jobs.map(\.name))],
        )
        var states: [String: (isHeld: Bool, lastRun: JobHistory.Row?)] = [:]
        for row in 0..<rows.rowCount {
            let hasRun: Int64? = try rows.value(row, 2)
            states[try rows.value(row, 1)] = (
                try rows.value(row, 0), hasRun == nil ? nil : try JobHistory.Row(rows, row, from: 2),
            )
        }
        return states
    }
}

/// No job goes by a name, or several do.
package struct UnknownJobError: Error, CustomStringConvertible {
    /// What was asked for.
    package let name: String
    /// What is there.
    package let known: [String]

    package var description: String {
        "no single job is called \"\(name)\"; accepted: \(known.joined(separator: ", "))"
    }
}
