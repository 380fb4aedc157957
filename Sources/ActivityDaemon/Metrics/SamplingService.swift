import ActivitySQL
import Pipeline
import PostgresClient
import ServiceLifecycle

/// Looks every few seconds at what concerns all daemons of a database, so that a scrape touches no server.
///
/// While PostgreSQL is away the last numbers stay; `activityd_component_up` says that it is.
struct SamplingService: Service {
    let postgres: PostgresClient
    let sql: ActivitySQL
    /// Nobody looks before this gate opens: there may be no tables.
    let begins: Gate
    let metrics: Metrics

    private static let interval = Duration.seconds(10)

    func run() async {
        await cancelWhenGracefulShutdown {
            guard (try? await begins.wait()) != nil else { return }
            while !Task.isCancelled {
                // Others say that PostgreSQL is away, and the next look tries again.
                if let sample = try? await postgres.withConnection({ try await TableSample.read($0, sql) }) {
                    metrics.record(sample)
                }
                // The interval. Cancelling ends it early, and the loop sees that.
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
