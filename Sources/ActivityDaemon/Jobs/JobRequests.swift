import ActivitySQL
import Endpoint
import PostgresClient
import Scheduling

/// Asks the daemons of a database for runs, as `activityd jobs run` does.
struct JobRequests: Sendable {
    let postgres: PostgresClient
    let sql: ActivitySQL
    let zones = TimeZoneDatabase()
    let configuration: @Sendable () -> DaemonConfiguration

    /// Asks for a run of the job that goes by a name.
    ///
    /// - Throws: `PostgresError`.
    func request(_ name: String) async throws -> JobRequest {
        let configuration = configuration()
        let catalog = JobCatalog(
            postgres,
            sql,
            builtIn: BuiltInJob.allCases.map { configuration.job($0, zones, BuiltInAction { .done("") }) },
            timeZone: configuration.scheduler.timeZone,
        )
        do {
            let job = try await catalog.entry(name).job
            let id = try await catalog.requestRun(of: job)
            let status = try await catalog.run(id)?.status
            return .requested(JobRequest.Run(id: id, job: job.name, status: status ?? "queued"))
        } catch let error as UnknownJobError {
            return .unknown(known: error.known)
        }
    }
}
