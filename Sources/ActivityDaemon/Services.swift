import AsyncAlgorithms
import Endpoint
import Logging
import NIOCore
import RedisClient
import ServiceLifecycle
import Systemd

/// Keeps the connection to Redis up until everything that writes has ended.
struct RedisService: Service {
    let redis: RedisClient

    func run() async {
        await cancelWhenGracefulShutdown { await redis.run() }
    }
}

/// Serves HTTP; on shutdown it stops accepting and answers what is in flight.
struct EndpointService: Service {
    let endpoint: EndpointServer

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await endpoint.run()
        } onGracefulShutdown: {
            endpoint.drain()
        }
    }
}

/// Tells systemd how the daemon is.
///
/// READY is said once the endpoint listens everywhere and both stores have been tried; a store that is down is in the status.
struct StatusService: Service {
    let endpoint: EndpointServer
    let redis: RedisClient
    let health: HealthBoard
    let logger: Logger

    private static let interval = Duration.seconds(1)

    func run() async throws {
        for listener in try await endpoint.listeners { logger.notice("listening", metadata: listener.metadata) }
        await cancelWhenGracefulShutdown {
            var isReady = false
            var status = ""
            for await _ in AsyncTimerSequence(interval: Self.interval, clock: .continuous) {
                health.record(redis.state)
                var changes: [ServiceState] = []
                if !isReady && health.hasTriedStores { changes.append(.ready) }
                if status != health.statusLine { changes.append(.status(health.statusLine)) }
                ServiceManager.notify(changes)
                isReady = isReady || changes.contains(.ready)
                status = health.statusLine
            }
        }
        ServiceManager.notify([.stopping, .status("stopping")])
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
