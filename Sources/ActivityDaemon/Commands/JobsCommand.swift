import Activity
import ActivitySQL
import Cron
import PostgresClient
package import Scheduling

/// `activityd jobs …`: looks at jobs and asks the daemons for something, by way of PostgreSQL.
package struct JobsCommand: Sendable {
    private let catalog: JobCatalog

    /// A job for people.
    package struct Listing: Sendable, Encodable {
        package var name: String
        package var title: String?
        package var schedule: String
        package var summary: String
        package var timezone: String
        package var state: String
        package var next: String?
        package var lastRun: JobHistory.Row?
    }

    /// A job with all that is known of it.
    package struct Details: Sendable, Encodable {
        package var job: Listing
        /// For a job of the daemon.
        package var does: String?
        /// For a job of somebody.
        package var command: String?
        package var role: String?
        package var database: String?
        package var overlap: String
        package var catchUp: String
        package var catchUpLimit: Int
        package var retries: Int
        /// In seconds.
        package var timeout: Double?
        /// In seconds.
        package var jitter: Double
        package var next: [Job.PreviewedSlot]
    }

    /// All jobs, and a line for each row of `cron.job` that cannot be run.
    package struct List: Sendable, Encodable {
        package var jobs: [Listing]
        package var refused: [String]
    }

    /// Runs a body with a command for a configuration.
    package static func with<R: Sendable>(
        _ configuration: DaemonConfiguration,
        _ body: (JobsCommand) async throws -> R,
    ) async throws -> R {
        let postgres = PostgresClient(configuration.postgres)
        do {
            let result = try await body(JobsCommand(configuration, postgres))
            await postgres.close()
            return result
        } catch {
            await postgres.close()
            throw error
        }
    }

    init(_ configuration: DaemonConfiguration, _ postgres: PostgresClient) {
        let zones = TimeZoneDatabase()
        catalog = JobCatalog(
            postgres,
            ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema),
            builtIn: BuiltInJob.allCases.map { configuration.job($0, zones, BuiltInAction { .done("") }) },
            timeZone: configuration.scheduler.timeZone,
        )
    }

    /// All jobs.
    package func list() async throws -> List {
        let (entries, refused) = try await catalog.entries()
        return List(jobs: entries.map(listing), refused: refused)
    }

    /// One job.
    package func show(_ name: String) async throws -> Details {
        let entry = try await catalog.entry(name)
        let (job, policy) = (entry.job, entry.job.policy)
        var details = Details(
            job: listing(entry),
            overlap: policy.overlap.rawValue,
            catchUp: policy.catchUp.rawValue,
            catchUpLimit: policy.catchUpLimit,
            retries: policy.retries,
            timeout: policy.timeout?.seconds,
            jitter: policy.jitter.seconds,
            next: job.preview(after: now, count: 5),
        )
        switch job.action {
        case .builtIn: details.does = BuiltInJob(rawValue: job.name)?.summary
        case .command(let command):
            details.command = command.sql
            details.role = command.session.role
            details.database = command.session.database
        }
        return details
    }

    /// The newest rows of a job's history.
    package func history(_ name: String, count: Int, onlyTroubles: Bool) async throws -> [JobHistory.Row] {
        try await catalog.history(of: catalog.entry(name).job, count: count, onlyTroubles: onlyTroubles)
    }

    /// The slots to come.
    package func next(_ name: String, count: Int) async throws -> [Job.PreviewedSlot] {
        try await catalog.entry(name).job.preview(after: now, count: count)
    }

    /// Pauses a job or lets it run again.
    package func setPaused(_ name: String, _ isPaused: Bool) async throws {
        try await catalog.setPaused(catalog.entry(name).job, isPaused)
    }

    /// Asks for the end of what is under way.
    ///
    /// - Returns: how many runs that concerns.
    package func cancel(_ name: String) async throws -> Int64 {
        try await catalog.requestCancel(of: catalog.entry(name).job)
    }

    /// Asks for a run and waits for its end.
    ///
    /// - Parameters:
    ///   - name: the job.
    ///   - progress: told what has become of it, about five times a second.
    /// - Returns: the row of history at the end.
    /// - Throws: `UnknownJobError`, `VanishedRunError`, `PostgresError`.
    package func run(
        _ name: String,
        progress: (JobHistory.Row) -> Void,
    ) async throws -> JobHistory.Row {
        let id = try await catalog.requestRun(of: catalog.entry(name).job)
        while true {
            guard let row = try await catalog.run(id) else { throw VanishedRunError() }
            guard row.isUnderWay else { return row }
            progress(row)
            // The daemon writes the end into the row and tells nobody.
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private var now: NominalTime { NominalTime(secondsSince1970: Clock.now.microseconds / 1_000_000) }

    private func listing(_ entry: JobCatalog.Entry) -> Listing {
        let job = entry.job
        return Listing(
            name: job.name,
            title: entry.title,
            schedule: job.schedule.text,
            summary: job.schedule.summary,
            timezone: job.timeZone.identifier,
            state: entry.isPaused ? "paused" : "active",
            next: entry.isPaused ? nil : job.preview(after: now, count: 1).first?.at,
            lastRun: entry.lastRun,
        )
    }
}

/// The row of a run is gone before its end.
package struct VanishedRunError: Error, CustomStringConvertible {
    package let description = "the run's row was deleted before its end"
}
