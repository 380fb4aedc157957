import Activity
import Detection
package import Endpoint
package import Pipeline
import PostgresClient
package import RedisClient
package import Scheduling
import Synchronization

/// What is known of the daemon's parts, for `/api/health` and for the status line of `systemctl status`.
package final class HealthBoard: Sendable {
    /// All that is known.
    struct State {
        var postgres = Part()
        var redis = Part()
        var feed = Part()
        var precompute = Part()
        var scheduler = Part()
        var reconcile = Part()
        /// Starting for ever where none is configured.
        var replica = Part()
        var alerts = AlertDelivery()
        var missingBatches = Int64(0)
        var checkedHours = 0
        var driftedHours = 0
        var lastDrift: Drift?
        var runs = JobStatistics()
        var lastBatch: (batch: Feed.Batch, duration: Duration)?
        var lastRefresh: PipelineObservation.Refresh?
        var lastPublication: Duration?
        var hasCaughtUp = false
        var underWay: ServerProgress?
        var next: PlannedSlot?
        /// The newest alert that fired.
        var lastAlert: AlertEpisode?
        /// Why the newest configuration was refused.
        var refusal: String?
        /// Parts that do not turn any more.
        var silentParts: [String] = []
    }

    /// A part that has not been tried yet is starting.
    struct Part {
        var status = HealthReport.Status.starting
        var trouble: Trouble?

        mutating func succeeded() { self = Part(status: .up) }
        mutating func failed(_ error: any Error) { self = Part(status: .down, trouble: Trouble(error)) }
    }

    let state = Mutex(State())
    private let startedAt = ContinuousClock.now

    /// A board on which every part is starting.
    package init() {}

    /// Whether PostgreSQL and Redis have both been tried.
    package var hasTriedStores: Bool {
        state.withLock { $0.postgres.status != .starting && $0.redis.status != .starting }
    }

    /// Whether PostgreSQL has been reached, so that documents can be computed.
    var isPostgresUp: Bool { state.withLock { $0.postgres.status == .up } }

    /// The stores, each with the reason why it cannot be reached; nil when it can be. One that answers and refuses what it
    /// is asked is no store that is lost.
    var storeTroubles: [(store: String, trouble: String?)] {
        let state = state.withLock { $0 }
        return [("postgres", state.postgres), ("redis", state.redis)].compactMap { name, part in
            switch part.status {
            case .up: (name, nil)
            case .down: part.trouble.flatMap { $0.isLoss ? (name, $0.text) : nil }
            case .starting, .degraded: nil
            }
        }
    }

    /// Takes note of what happened in the pipeline.
    package func record(_ observation: PipelineObservation) {
        state.withLock { state in
            switch observation {
            case .migrated:
                state.postgres.succeeded()
            case .fed(let batch, let duration):
                state.postgres.succeeded()
                state.feed.succeeded()
                if batch.rows > 0 || state.lastBatch == nil { state.lastBatch = (batch, duration) }
                state.lastBatch?.batch.lastID = batch.lastID
            case .caughtUp:
                state.hasCaughtUp = true
            case .feedFailed(let error):
                if error is PostgresError { state.postgres.failed(error) } else { state.postgres.succeeded() }
                state.feed.failed(error)
            case .refreshed(let refresh):
                state.precompute.succeeded()
                state.lastRefresh = refresh
            case .refreshFailed(let error):
                state.precompute.failed(error)
            case .published(_, let duration):
                state.redis.succeeded()
                state.lastPublication = duration
            case .publishFailed(let error):
                state.redis.failed(error)
            case .progress(let progress):
                state.underWay = progress
            case .maintained:
                state.postgres.succeeded()
            case .reconciled(let hours, let drifted):
                state.reconcile.succeeded()
                state.checkedHours += hours
                state.driftedHours += drifted.count
                if let newest = drifted.last { state.lastDrift = newest }
            case .detected(let outcome):
                let fired = outcome.alerts.last { $0.event == .firing }
                if let fired { state.lastAlert = fired.episode }
            case .operationsKnown, .operationsUnknown, .relayed, .relayIdle, .relayFailed, .relayRewound,
                .relayRenumbered:
                state.alerts.record(observation)
            case .replicaRead:
                state.replica.succeeded()
                state.missingBatches = 0
            case .replicaPassedOver(let error):
                state.replica.failed(error)
                if case .behind(let batches) = error as? ReplicaError {
                    state.missingBatches = batches
                } else {
                    state.missingBatches = 0
                }
            }
        }
    }

    /// Takes note of what happened in the scheduler.
    package func record(_ observation: SchedulerObservation) {
        state.withLock { state in
            state.runs.record(observation)
            switch observation {
            case .loaded:
                state.postgres.succeeded()
                state.scheduler.succeeded()
            case .interrupted(let error, _):
                if error is PostgresError { state.postgres.failed(error) } else { state.postgres.succeeded() }
                state.scheduler.failed(error)
            case .planned(let next):
                state.next = next
            default: break
            }
        }
    }

    /// Takes note of how the connection to Redis is.
    package func record(_ connection: RedisConnectionState) {
        state.withLock { state in
            switch connection {
            case .connecting: break
            // What it refuses while it is connected, it refuses until a publication succeeds.
            case .connected: if state.redis.trouble?.isLoss ?? true { state.redis.succeeded() }
            case .disconnected(let error): if let error { state.redis.failed(error) }
            }
        }
    }

    /// Takes note of why a configuration was refused; nil when the newest is in use.
    func record(refusal: String?) {
        state.withLock { $0.refusal = refusal }
    }

    /// Takes note of parts that do not turn any more.
    func record(silentParts: [String]) {
        state.withLock { $0.silentParts = silentParts }
    }

    /// The state of all parts.
    package func report() -> HealthReport {
        let state = state.withLock { $0 }
        let parts = [state.postgres, state.redis, state.feed, state.precompute, state.scheduler]
        let hasReplica = state.replica.status != .starting
        let isWell =
            parts.allSatisfy { $0.status == .up } && state.replica.status != .down
            && state.alerts.status != .down
        return HealthReport(
            message: isWell ? "Activity service is healthy" : "Activity service is degraded",
            components: [
                component("postgres", state.postgres),
                component("redis", state.redis),
                component("feed", state.feed, details: feedDetails(state)),
                component("precompute", state.precompute, details: precomputeDetails(state)),
                component("scheduler", state.scheduler, details: schedulerDetails(state)),
                component("reconcile", state.reconcile, details: reconcileDetails(state)),
                state.alerts.component,
            ] + (hasReplica ? [component("replica", state.replica, details: replicaDetails(state))] : []),
            process: [
                JSONValue.Member("residentBytes", .integer(ProcessMemory.residentBytes)),
                JSONValue.Member("uptimeSeconds", .integer(startedAt.duration(to: .now).components.seconds)),
            ],
        )
    }

    private func component(
        _ name: String,
        _ part: Part,
        details: [JSONValue.Member] = [],
    ) -> HealthReport.Component {
        HealthReport.Component(name, part.status, detail: part.trouble?.summary, details: details)
    }

    private func feedDetails(_ state: State) -> [JSONValue.Member] {
        guard let (batch, duration) = state.lastBatch else { return [] }
        return [
            JSONValue.Member("lastID", .integer(batch.lastID)),
            JSONValue.Member("rows", .integer(batch.totalRows)),
            JSONValue.Member("gaps", .integer(Int64(batch.gaps))),
            JSONValue.Member("caughtUp", .boolean(state.hasCaughtUp)),
            JSONValue.Member(
                "lastBatch",
                ["rows": .integer(Int64(batch.rows)), "seconds": .number(duration.seconds)],
            ),
        ]
    }

    private func schedulerDetails(_ state: State) -> [JSONValue.Member] {
        let runs = state.runs
        return [
            JSONValue.Member("jobs", .integer(Int64(runs.jobs))),
            JSONValue.Member(
                "runs",
                [
                    "succeeded": .integer(runs.succeeded), "failed": .integer(runs.failed),
                    "canceled": .integer(runs.canceled), "skipped": .integer(runs.skipped),
                    "missed": .integer(runs.missed),
                ],
            ),
            JSONValue.Member(
                "lateness",
                ["mean": .number(runs.meanLateness.seconds), "longest": .number(runs.longestLateness.seconds)],
            ),
        ]
    }

    /// Since the daemon started; what all daemons have found is in the tables `reconcile` and `drift`.
    private func reconcileDetails(_ state: State) -> [JSONValue.Member] {
        [
            JSONValue.Member("checkedHours", .integer(Int64(state.checkedHours))),
            JSONValue.Member("driftedHours", .integer(Int64(state.driftedHours))),
            JSONValue.Member(
                "lastDrift",
                state.lastDrift.map {
                    ["hour": .string($0.hour.description), "cause": .string($0.cause.rawValue)]
                } ?? .null,
            ),
        ]
    }

    private func replicaDetails(_ state: State) -> [JSONValue.Member] {
        [JSONValue.Member("missingBatches", .integer(state.missingBatches))]
    }

    private func precomputeDetails(_ state: State) -> [JSONValue.Member] {
        guard let refresh = state.lastRefresh else { return [] }
        let publish = state.lastPublication ?? .zero
        return [
            JSONValue.Member("generation", .integer(refresh.generation.number)),
            JSONValue.Member("computedAt", .string(refresh.generation.computedAt.description)),
            JSONValue.Member("dataThrough", refresh.dataThrough.map { .string($0.description) } ?? .null),
            JSONValue.Member("facts", .integer(Int64(refresh.facts))),
            JSONValue.Member(
                "lastRefresh",
                [
                    "documents": .integer(Int64(refresh.documents)),
                    "load": .number(refresh.load.seconds), "render": .number(refresh.render.seconds),
                    "publish": .number(publish.seconds),
                    "total": .number((refresh.load + refresh.render + publish).seconds),
                ],
            ),
        ]
    }
}
