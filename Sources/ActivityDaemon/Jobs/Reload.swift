import Endpoint
import Logging
import Scheduling
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Reads the configuration again on SIGHUP.
///
/// Jobs, retention, detection, tokens and the log level are changed at once; whatever else differs is named in the log and
/// waits for a restart. A configuration that is refused changes nothing, and the status says so until one is accepted.
struct ReloadService: Service {
    let current: CurrentConfiguration
    let access: AccessControl
    let endpoint: EndpointServer
    let load: @Sendable () throws -> DaemonConfiguration
    let scheduler: Scheduler
    let level: LiveLogLevel
    let health: HealthBoard
    let notices: ServiceNotices
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            notices.tell { $0.beginReload() }
            reload()
            let status = health.statusLine
            notices.tell { $0.endReload(status) }
        }
    }

    private func reload() {
        do {
            let configuration = try load()
            let changed = current.replace(with: configuration)
            access.replace(with: configuration.http.tokens)
            endpoint.expectGenerations(every: configuration.jobs[.precompute].longestPause)
            level.set(configuration.log.level)
            health.record(refusal: nil)
            let waiting = changed.filter { !CurrentConfiguration.isLive($0) }
            logger.notice(
                KnownMessage.reloaded.text,
                metadata: ["configuration.changed": changed, "configuration.needsRestart": waiting]
                    .filter { !$0.value.isEmpty }.mapValues { "\($0.joined(separator: ", "))" },
            )
            scheduler.reload()
        } catch {
            health.record(refusal: "\(error)")
            logger.error(KnownMessage.reloadRefused.text, metadata: ["error": "\(error)"])
        }
    }
}

/// The configuration as it is now.
final class CurrentConfiguration: Sendable {
    private let state: Mutex<DaemonConfiguration>

    init(_ configuration: DaemonConfiguration) {
        state = Mutex(configuration)
    }

    var value: DaemonConfiguration { state.withLock(\.self) }

    /// Whether a key takes effect without a restart.
    static func isLive(_ key: String) -> Bool {
        ["jobs.", "retention.", "detection."].contains { key.hasPrefix($0) }
            || ["http.tokens", "log.level"].contains(key)
    }

    /// - Returns: the names of the keys whose values differ.
    func replace(with configuration: DaemonConfiguration) -> [String] {
        let previous = state.withLock { state in
            defer { state = configuration }
            return state
        }
        return ConfigurationKey.all.filter { !$0.hasSameValue(in: previous, configuration) }.map(\.name)
    }
}
