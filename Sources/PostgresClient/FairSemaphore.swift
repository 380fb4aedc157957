import Synchronization

/// Lets a fixed number of tasks pass at a time, in order of arrival. Waiting ends with the task's cancellation.
final class FairSemaphore: Sendable {
    private struct State {
        var queue: PermitQueue<UInt64>
        var continuations: [UInt64: CheckedContinuation<Void, any Error>] = [:]
        var nextWaiter: UInt64 = 0
        var drained: [CheckedContinuation<Void, Never>] = []

        mutating func takeDrained() -> [CheckedContinuation<Void, Never>] {
            guard queue.isIdle else { return [] }
            defer { drained = [] }
            return drained
        }
    }

    private let state: Mutex<State>
    private let refusal: PostgresError

    /// Creates a semaphore; `refusal` is thrown once it is closed.
    init(permits: Int, refusal: PostgresError) {
        state = Mutex(State(queue: PermitQueue(permits: permits)))
        self.refusal = refusal
    }

    /// How many tasks wait.
    var waiterCount: Int { state.withLock { $0.queue.waiterCount } }

    /// Waits for a permit; whoever got one must call `release`.
    func acquire() async throws {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enter(waiter, continuation)
            }
        } onCancel: {
            cancel(waiter)
        }
    }

    /// Gives a permit to the next waiter.
    func release() {
        let (next, drained) = state.withLock { state in
            let next = state.queue.release().flatMap { state.continuations.removeValue(forKey: $0) }
            return (next, state.takeDrained())
        }
        next?.resume()
        drained.forEach { $0.resume() }
    }

    /// Refuses everybody from now on, those who wait included.
    func close() {
        let waiting = state.withLock { state in
            state.queue.close().compactMap { state.continuations.removeValue(forKey: $0) }
        }
        waiting.forEach { $0.resume(throwing: refusal) }
    }

    /// Waits until all permits have been given back; call it after `close`.
    func drained() async {
        await withCheckedContinuation { continuation in
            let drained = state.withLock { state in
                state.drained.append(continuation)
                return state.takeDrained()
            }
            drained.forEach { $0.resume() }
        }
    }

    /// Wakes those who wait in `drained`, whatever is still out.
    func stopDraining() {
        let waiting = state.withLock { state in
            defer { state.drained = [] }
            return state.drained
        }
        waiting.forEach { $0.resume() }
    }

    private func enter(_ waiter: UInt64, _ continuation: CheckedContinuation<Void, any Error>) {
        let failure: PostgresError?? = state.withLock { state in
            // The cancellation handler has run already when the task was cancelled before this point.
            guard !Task.isCancelled else { return .some(.cancelled) }
            switch state.queue.acquire(waiter) {
            case .granted: return .some(nil)
            case .refused: return .some(refusal)
            case .wait:
                state.continuations[waiter] = continuation
                return nil
            }
        }
        switch failure {
        case .none: break
        case .some(.none): continuation.resume()
        case .some(.some(let error)): continuation.resume(throwing: error)
        }
    }

    private func cancel(_ waiter: UInt64) {
        let continuation = state.withLock { state in
            state.queue.cancel(waiter) ? state.continuations.removeValue(forKey: waiter) : nil
        }
        continuation?.resume(throwing: PostgresError.cancelled)
    }
}
