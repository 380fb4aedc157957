import ActivitySQL
import Logging
import Pipeline
import PostgresClient
import ServiceLifecycle

/// Has materialized views filled once the facts are complete; until their next slots, readers would be refused.
struct FirstRefreshService: Service {
    let postgres: PostgresClient
    let sql: ActivitySQL
    let caughtUp: Gate
    let logger: Logger

    private var views: [(job: BuiltInJob, view: MaterializedView)] {
        [
            (.refreshHourlyStats, .hourlyStats(sql)), (.refreshDailySummary, .dailySummary(sql)),
            (.refreshCollectionStats, .collectionStats(sql)),
        ]
    }

    func run() async {
        await cancelWhenGracefulShutdown {
            do {
                try await caughtUp.wait()
                try await requestRuns()
            } catch is CancellationError {
                return
            } catch {
                logger.warning("views wait for their next slots", metadata: ["error": "\(error)"])
            }
        }
        // A service that returns ends the daemon.
        try? await gracefulShutdown()
    }

    private func requestRuns() async throws {
        for (job, view) in views where try await postgres.withConnection({ try await view.isEmpty($0) }) {
            _ = try await postgres.query(sql("SELECT :\"schema\".request_run($1)"), [.text(job.rawValue)])
        }
    }
}
