import Cron
import Scheduling

/// The jobs that the daemon has of its own.
package enum BuiltInJob: String, Sendable, Hashable, CaseIterable {
    case ingest
    case precompute
    case refreshHourlyStats = "refresh-hourly-stats"
    case refreshDailySummary = "refresh-daily-summary"
    case refreshCollectionStats = "refresh-collection-stats"
    case reconcile
    case archive
    case maintain
    case createIndexes = "create-indexes"
    case rebuildIndexes = "rebuild-indexes"

    /// One line for people.
    package var summary: String {
        switch self {
        case .ingest: "reads new rows of directus_activity into facts"
        case .precompute: "makes documents of facts, serves and publishes them"
        case .refreshHourlyStats: "refreshes mv_activity_hourly_stats when facts have changed"
        case .refreshDailySummary: "refreshes mv_activity_daily_summary when facts have changed"
        case .refreshCollectionStats: "refreshes mv_activity_collection_stats when facts have changed"
        case .reconcile: "recounts closed hours against directus_activity and repairs facts that drifted"
        case .archive: "copies rows into archive before Directus's retention deletes them; off by default"
        case .maintain: "makes partitions ahead, deletes what is not kept, vacuums and analyzes where it pays"
        case .createIndexes: "builds indexes of directus_activity that are missing, while it is in use"
        case .rebuildIndexes: "rebuilds bloated indexes while they are in use"
        }
    }

    /// How the job is configured unless somebody says otherwise.
    package var defaults: DaemonConfiguration.Job {
        var job = DaemonConfiguration.Job(schedule: Self.schedule(scheduleText))
        switch self {
        // Both keep others out by themselves, so that a daemon which died does not keep the next one waiting.
        case .ingest, .precompute: (job.overlap, job.catchUp) = (.allow, .latest)
        case .refreshHourlyStats, .refreshDailySummary, .refreshCollectionStats: job.retries = 2
        case .reconcile, .maintain, .createIndexes: break
        // It takes as much space as directus_activity does.
        case .archive: (job.isEnabled, job.retries) = (false, 2)
        // A rebuild that was missed waits for the next quarter's quiet night.
        case .rebuildIndexes: job.catchUp = .none
        }
        return job
    }

    private var scheduleText: StaticString {
        switch self {
        case .ingest: "2 seconds"
        case .precompute: "10 seconds"
        case .refreshHourlyStats: "*/15 * * * *"
        case .refreshDailySummary: "0 1 * * *"
        case .refreshCollectionStats: "*/5 * * * *"
        case .reconcile: "17 * * * *"
        case .archive: "*/10 * * * *"
        case .maintain: "30 3 * * *"
        case .createIndexes: "20 4 * * *"
        case .rebuildIndexes: "0 4 1 1,4,7,10 *"
        }
    }

    private static func schedule(_ text: StaticString) -> CronSchedule {
        do {
            return try CronSchedule("\(text)")
        } catch {
            preconditionFailure("a default schedule is refused: \(error)")
        }
    }
}
