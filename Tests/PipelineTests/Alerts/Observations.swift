import Pipeline
import Synchronization

/// Notes what a relay says of itself.
final class Observations: Sendable {
    private struct State {
        var failures: [String] = []
        var rewinds: [(from: Int64, to: Int64)] = []
        var renumberings: [(from: Int64, to: Int64)] = []
        var relayed: [RelayProgress] = []
        var lastIdle: Int64?
        var lastBacklog: AlertBacklog?
    }

    private let state = Mutex(State())

    var failures: [String] { state.withLock(\.failures) }
    var rewinds: [(from: Int64, to: Int64)] { state.withLock(\.rewinds) }
    var renumberings: [(from: Int64, to: Int64)] { state.withLock(\.renumberings) }
    var relayed: [RelayProgress] { state.withLock(\.relayed) }
    var lastIdle: Int64? { state.withLock(\.lastIdle) }
    var lastBacklog: AlertBacklog? { state.withLock(\.lastBacklog) }

    func record(_ observation: PipelineObservation) {
        state.withLock { state in
            switch observation {
            case .relayed(let progress): state.relayed.append(progress)
            case .relayIdle(let last): state.lastIdle = last
            case .relayFailed(let error, let backlog):
                state.failures.append("\(error)")
                state.lastBacklog = backlog
            case .relayRewound(let from, let to): state.rewinds.append((from, to))
            case .relayRenumbered(let from, let to): state.renumberings.append((from, to))
            default: break
            }
        }
    }
}
