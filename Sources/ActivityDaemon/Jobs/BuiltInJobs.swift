import ActivitySQL
import Cron
import Pipeline
import PostgresClient
import Scheduling

/// Makes jobs of what the daemon does itself.
struct BuiltInJobs: Sendable {
    let postgres: PostgresClient
    let sql: ActivitySQL
    let feeder: Feeder
    let precompute: Precompute
    let caughtUp: Gate
    let zones = TimeZoneDatabase()

    /// The jobs as they are configured.
    func jobs(_ configuration: DaemonConfiguration) -> [Job] {
        let maintenance = Maintenance(sql, retention: .seconds(configuration.retention.runs * 86_400))
        return BuiltInJob.allCases.map { configuration.job($0, zones, action($0, maintenance)) }
    }

    private func action(_ name: BuiltInJob, _ maintenance: Maintenance) -> BuiltInAction {
        switch name {
        case .ingest: BuiltInAction(run: ingest, follow: feeder.follow)
        case .precompute: BuiltInAction(run: makeDocuments, follow: precompute.follow)
        case .refreshHourlyStats: BuiltInAction { try await refresh("mv_activity_hourly_stats") }
        case .refreshDailySummary: BuiltInAction { try await refresh("mv_activity_daily_summary") }
        case .refreshCollectionStats: BuiltInAction { try await refresh("mv_activity_collection_stats") }
        case .reconcile: BuiltInAction(run: reconcile)
        case .archive: BuiltInAction(run: archive)
        case .maintain: BuiltInAction { try await maintain(maintenance) }
        case .rebuildIndexes: BuiltInAction { try await rebuildIndexes(maintenance) }
        }
    }

    private func ingest() async throws -> JobResult {
        guard let rows = try await feeder.feedBacklog() else { return .skipped("another feed was under way") }
        return .done("\(rows) rows")
    }

    private func makeDocuments() async throws -> JobResult {
        guard caughtUp.isOpen else { return .skipped("the first run is not complete") }
        guard await !precompute.isBusy else { return .skipped("the refresh before was still under way") }
        try await precompute.refresh()
        return .done("")
    }

    private func refresh(_ view: String) async throws -> JobResult {
        switch try await postgres.withConnection({ try await MaterializedView(view, sql).refresh($0) }) {
        case .refreshed(concurrently: true): .done("refreshed concurrently")
        case .refreshed(concurrently: false): .done("refreshed")
        case .missing: .skipped("there is no materialized view \(view)")
        case .unchanged: .skipped("no fact has changed since the last refresh")
        case .busy: .skipped("another refresh was under way")
        }
    }

    private func reconcile() async throws -> JobResult {
        guard caughtUp.isOpen else { return .skipped("the first run is not complete") }
        switch try await postgres.withConnection({ try await Reconciler(sql).run($0) }) {
        case .missingIndex:
            return .skipped("directus_activity has no index on \"timestamp\", so each hour would take a whole scan")
        case .recounted(let hours, let drifted):
            return .done("\(hours) hours recounted, \(drifted.count) repaired")
        }
    }

    private func archive() async throws -> JobResult {
        switch try await postgres.withConnection({ try await Archive(sql).copyBacklog($0) }) {
        case nil: .skipped("another copy was under way")
        case 0: .skipped("nothing new")
        case let rows?: .done("\(rows) rows archived")
        }
    }

    private func maintain(_ maintenance: Maintenance) async throws -> JobResult {
        let report = try await postgres.withConnection { try await maintenance.maintain($0) }
        return .done("\(report.prunedRuns) runs deleted, \(report.vacuumedTables) tables vacuumed")
    }

    private func rebuildIndexes(_ maintenance: Maintenance) async throws -> JobResult {
        let report = try await postgres.withConnection { try await maintenance.rebuildIndexes($0) }
        return .done("\(report.rebuiltIndexes) indexes rebuilt")
    }
}

extension DaemonConfiguration {
    /// A job as it is configured.
    ///
    /// Zones have been checked; one that has vanished from the machine since is taken for UTC.
    func job(_ name: BuiltInJob, _ zones: TimeZoneDatabase, _ action: BuiltInAction) -> Scheduling.Job {
        let job = jobs[name]
        return Scheduling.Job(
            name.rawValue,
            job.schedule,
            in: (try? zones.rules(job.timeZone.isEmpty ? scheduler.timeZone : job.timeZone)) ?? .utc,
            policy: job.policy,
            isActive: job.isEnabled,
            action: .builtIn(action),
        )
    }
}

extension DaemonConfiguration.Job {
    fileprivate var policy: JobPolicy {
        var policy = JobPolicy()
        policy.overlap = overlap
        policy.catchUp = catchUp
        policy.retries = retries
        policy.timeout = timeout == 0 ? nil : .seconds(timeout)
        return policy
    }
}
