import ActivitySQL
import Logging
import Pipeline
import PostgresClient
import ServiceLifecycle

/// Does at once what readers would otherwise wait for until its next slot: feeds what came while no daemon ran, which the
/// first documents wait for, and has materialized views filled that would refuse readers.
struct FirstRunService: Service {
    let postgres: PostgresClient
    let sql: ActivitySQL
    let feeder: Feeder
    let current: CurrentConfiguration
    let hasSchema: Gate
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
                try await hasSchema.wait()
                if current.value.jobs[.ingest].isEnabled { await feeder.follow() }
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
