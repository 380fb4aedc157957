import Synchronization

/// Wakes the scheduler at a time or when something has happened, whichever comes first.
final class Alarm: Sendable {
    /// What has happened.
    enum Signal: Hashable, Sendable {
        /// Jobs may have been changed.
        case definitions
        /// A run may have been asked for, or its turn may have come.
        case queue
        /// Somebody wants a run ended.
        case cancellations
    }

    private struct State {
        var signals: Set<Signal> = []
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Wakes whoever waits, or the next one who would.
    func ring(_ signal: Signal) {
        wake { $0.signals.insert(signal) }
    }

    /// Waits for a moment, a signal or the task's cancellation. One task at a time may wait.
    ///
    /// - Returns: the signals since the last call.
    func wait(until moment: ContinuousClock.Instant) async -> Set<Signal> {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // An early end is a signal or cancellation, which the waiter sees.
                try? await Task.sleep(until: moment, tolerance: .zero, clock: .continuous)
                self.wake { _ in }
            }
            await waitForRing()
            group.cancelAll()
        }
        return state.withLock { state in
            defer { state = State() }
            return state.signals
        }
    }

    private func waitForRing() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = state.withLock { state in
                    if !state.isRung { state.waiter = continuation }
                    return state.isRung
                }
                if isRung { continuation.resume() }
            }
        } onCancel: {
            wake { _ in }
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            state.isRung = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
