import Activity
import AsyncAlgorithms
import Endpoint
import Logging
import NIOCore
import RedisClient
import Scheduling
import ServiceLifecycle
import Systemd

/// Tells the service manager when the daemon is ready, how it is, and how far its stop has come.
///
/// The first of all services, so that it ends after all others.
struct StatusService: Service {
    let endpoint: EndpointServer
    let scheduler: Scheduler
    let redis: RedisClient
    let snapshots: SnapshotStore
    let health: HealthBoard
    let vitals: Vitals
    let notices: ServiceNotices
    let logger: Logger

    private static let interval = Duration.seconds(1)
    /// Nobody should wait for READY longer than for the daemon.
    private static let startInterval = Duration.milliseconds(50)

    func run() async throws {
        let began = ContinuousClock.now
        for listener in try await endpoint.listeners { logger.notice("listening", metadata: listener.metadata) }
        await cancelWhenGracefulShutdown {
            guard await becomeReady(since: began) else { return }
            var stores = StoreLog(logger)
            stores.record(health.storeTroubles)
            for await _ in AsyncTimerSequence(interval: Self.interval, clock: .continuous) {
                health.record(redis.state)
                stores.record(health.storeTroubles)
                tell()
            }
        }
    }

    /// False when the task was cancelled before the daemon was ready.
    private func becomeReady(since began: ContinuousClock.Instant) async -> Bool {
        var readiness = Readiness()
        for await _ in AsyncTimerSequence(interval: Self.startInterval, clock: .continuous) {
            health.record(redis.state)
            let isReady = readiness.isReady(
                hasTriedStores: health.hasTriedStores,
                canCompute: health.isPostgresUp,
                hasDocuments: snapshots.current != nil,
            )
            if isReady {
                tellReady(after: began.duration(to: .now))
                return true
            }
            tell()
        }
        return false
    }

    private func tellReady(after elapsed: Duration) {
        let status = health.statusLine
        let states = notices.tell { $0.becomeReady(status) }
        guard states.contains(.ready) else { return }
        logger.notice(KnownMessage.ready.text, metadata: ["start.seconds": "\(elapsed.secondsText)"])
    }

    private func tell() {
        let phase = notices.phase
        let status = phase == .stopping ? stopStatus : health.statusLine
        // A start or stop that does not get on is not given more time.
        let mayExtend = (phase == .starting || phase == .stopping) && vitals.silentParts().isEmpty
        notices.tell { $0.show(status) + (mayExtend ? $0.extend() : []) }
    }

    private var stopStatus: String {
        let counts = [(endpoint.openConnections, "connections open"), (scheduler.runsUnderWay, "runs under way")]
        let rest = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return rest.isEmpty ? "stopping" : "stopping: " + rest.joined(separator: ", ")
    }
}

extension Listener.Bound {
    /// What is served, and where.
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["http.listener": "\(role.rawValue)"]
        if let path = address.pathname { metadata["http.path"] = "\(path)" }
        if let ip = address.ipAddress { metadata["http.address"] = "\(ip)" }
        if let port = address.port { metadata["http.port"] = "\(port)" }
        return metadata
    }
}
