import ActivitySQL
import Cron
import Pipeline
import PostgresClient
import Scheduling

/// Makes jobs of what the daemon does itself.
struct BuiltInJobs: Sendable {
    let servers: DatabaseServers
    let sql: ActivitySQL
    let feeder: Feeder
    let precompute: Precompute
    let caughtUp: Gate
    let observe: @Sendable (PipelineObservation) -> Void
    let zones = TimeZoneDatabase()

    private var postgres: PostgresClient { servers.primary }

    /// The jobs as they are configured.
    func jobs(_ configuration: DaemonConfiguration) -> [Job] {
        BuiltInJob.allCases.map { configuration.job($0, zones, action($0, configuration)) }
    }

    private func action(_ name: BuiltInJob, _ configuration: DaemonConfiguration) -> BuiltInAction {
        switch name {
        case .ingest: BuiltInAction(run: ingest, follow: feeder.follow)
        case .precompute: BuiltInAction(run: makeDocuments, follow: precompute.follow)
        case .refreshHourlyStats: BuiltInAction { try await refresh(.hourlyStats(sql)) }
        case .refreshDailySummary: BuiltInAction { try await refresh(.dailySummary(sql)) }
        case .refreshCollectionStats: BuiltInAction { try await refresh(.collectionStats(sql)) }
        case .reconcile: BuiltInAction { try await reconcile(configuration.retention) }
        case .archive: BuiltInAction(run: archive)
        case .maintain: BuiltInAction { try await maintain(.init(configuration)) }
        case .createIndexes: BuiltInAction(run: createIndexes)
        case .rebuildIndexes: BuiltInAction(run: rebuildIndexes)
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

    private func refresh(_ view: MaterializedView) async throws -> JobResult {
        guard caughtUp.isOpen else { return .skipped("the first run is not complete") }
        return switch try await postgres.withConnection({ try await view.refresh($0) }) {
        case .refreshed(concurrently: true): .done("refreshed concurrently")
        case .refreshed(concurrently: false): .done("refreshed")
        case .missing: .skipped("there is no materialized view \(view.name)")
        case .unchanged: .skipped("no fact has changed since the last refresh")
        case .busy: .skipped("another refresh was under way")
        }
    }

    private func reconcile(_ retention: DaemonConfiguration.Retention) async throws -> JobResult {
        guard caughtUp.isOpen else { return .skipped("the first run is not complete") }
        let followsDeletes = retention.facts == .mirror
        let reconciler = Reconciler(servers, sql, followsDeletes: followsDeletes, observe: observe)
        switch try await reconciler.run() {
        case .missingIndex:
            return .skipped("directus_activity has no index on \"timestamp\", so each hour would take a whole scan")
        case .recounted(let hours, let drifted):
            let list = drifted.isEmpty ? "" : ": " + drifted.map(\.description).joined(separator: ", ")
            return .done("\(hours) hours recounted, \(drifted.count) repaired\(list)")
        }
    }

    private func archive() async throws -> JobResult {
        switch try await postgres.withConnection({ try await Archive(sql).copyBacklog($0) }) {
        case nil: .skipped("another copy was under way")
        case 0: .skipped("nothing new")
        case let rows?: .done("\(rows) rows archived")
        }
    }

    private func maintain(_ retention: Maintenance.Retention) async throws -> JobResult {
        .done("\(try await Maintenance(postgres, sql, retention, observe: observe).run())")
    }

    /// What needs another role is no failure of the job, or it would fail every night.
    private func createIndexes() async throws -> JobResult {
        do {
            switch try await SourceIndexes(postgres, sql, observe: observe).build() {
            case .busy: return .skipped("another session was building indexes of directus_activity")
            case .done(let built, let refused):
                if let refusal = refused.first { throw refusal }
                return built.isEmpty
                    ? .skipped("all indexes are there") : .done("built \(built.joined(separator: ", "))")
            }
        } catch let error as SourceIndexError where !error.statements.isEmpty {
            return .skipped("\(error)")
        }
    }

    private func rebuildIndexes() async throws -> JobResult {
        let report = try await IndexRebuild(postgres, sql, observe: observe).run()
        return report.isEmpty ? .skipped("no index is bloated") : .done("\(report)")
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
