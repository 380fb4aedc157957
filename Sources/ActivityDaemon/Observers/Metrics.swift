package import Endpoint
package import Pipeline
package import Scheduling

/// Makes metrics of what happens, for `/metrics`.
///
/// Counters count since the daemon started and only what it did itself; what concerns all daemons of a database, such as
/// alerts that are firing, is read from PostgreSQL by ``SamplingService``.
package final class Metrics: Sendable {
    private let feed: FeedMetrics
    private let generations: GenerationMetrics
    private let alerts: AlertMetrics
    private let jobs: JobMetrics
    private let requests: RequestMetrics
    private let families: [MetricFamily]

    /// Metrics that are all at their beginning.
    ///
    /// - Parameter health: how the parts of the daemon are, asked whenever metrics are shown.
    package init(health: @escaping @Sendable () -> HealthReport) {
        var registry = MetricRegistry()
        registry.info("build", ProcessStatistics.build, "What is running")
        feed = FeedMetrics(&registry)
        generations = GenerationMetrics(&registry)
        alerts = AlertMetrics(&registry)
        jobs = JobMetrics(&registry)
        requests = RequestMetrics(&registry)
        registry.add("component_up", .gauge, "Whether a part works: 1, or 0 when it does not or has not been tried") {
            health().components.map { part in
                let label = MetricLabel(name: "component", value: part.name)
                return MetricSample(labels: [label], value: part.status == .up ? 1 : 0)
            }
        }
        registry.addProcess()
        families = registry.families
    }

    /// Takes note of what happened in the pipeline.
    package func record(_ observation: PipelineObservation) {
        switch observation {
        case .fed(let batch, let duration): feed.record(batch, duration)
        case .caughtUp: feed.caughtUp.set(1)
        case .feedFailed: feed.failures.add()
        case .refreshed(let refresh): generations.record(refresh)
        case .refreshFailed: generations.refreshFailures.add()
        case .published(let outcome, let duration): generations.record(outcome, duration)
        case .publishFailed: generations.publishFailures.add()
        case .maintained(let upkeep): jobs.record(upkeep)
        case .reconciled(let hours, let drifted): jobs.recordReconciled(hours, drifted)
        case .detected(let outcome): alerts.record(outcome)
        case .relayed, .relayIdle, .relayFailed, .relayRewound, .relayRenumbered: alerts.recordRelay(observation)
        case .replicaPassedOver: generations.replicaFailures.add()
        case .migrated, .progress, .operationsKnown, .operationsUnknown, .replicaRead: break
        }
    }

    /// Takes note of what happened in the scheduler.
    package func record(_ observation: SchedulerObservation) {
        jobs.record(observation)
    }

    /// Takes note of a request: a look-up and a few atomic additions, since it is done for every reader.
    package func record(_ request: RequestObservation) {
        requests.record(request)
    }

    /// Takes note of what the tables say.
    func record(_ sample: TableSample) {
        alerts.record(sample)
        jobs.running.set(Double(sample.runningJobs))
    }

    /// All metrics as text.
    package func text(_ format: MetricsFormat, _ endpoint: EndpointStatistics) -> String {
        requests.record(endpoint)
        return MetricText(families, format).text
    }
}
