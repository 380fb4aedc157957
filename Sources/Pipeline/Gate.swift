import Synchronization

/// Lets tasks wait until something has happened once.
package final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// A closed gate.
    package init() {}

    /// Whether the gate has been opened.
    package var isOpen: Bool { state.withLock(\.isOpen) }

    /// Opens the gate for good.
    ///
    /// - Returns: true for the call that opened it.
    @discardableResult
    package func open() -> Bool {
        let (opened, waiters) = state.withLock { state in
            defer { state.isOpen = true; state.waiters = [:] }
            return (!state.isOpen, state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
        return opened
    }

    /// Returns when the gate is open.
    ///
    /// - Throws: `CancellationError` when the task was cancelled while it waited.
    package func wait() async throws {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard !state.isOpen && !Task.isCancelled else { return false }
                    state.waiters[id] = continuation
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
        try Task.checkCancellation()
    }
}
