import Synchronization

/// A result that arrives once, from any thread, for one task that waits for it.
///
/// Cancelling that task resolves it too, so the task never waits on; whoever resolves it later learns from
/// ``resolve(_:)`` that nobody cares.
final class OneShot<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, RedisError>

    private enum State {
        case empty
        case waiting(CheckedContinuation<Outcome, Never>)
        case resolved(Outcome)
    }

    private let state = Mutex<State>(.empty)

    /// Sets the result unless there is one; answers whether it did.
    @discardableResult
    func resolve(_ outcome: Outcome) -> Bool {
        let (isFirst, waiting) = state.withLock { state -> (Bool, CheckedContinuation<Outcome, Never>?) in
            switch state {
            case .empty:
                state = .resolved(outcome)
                return (true, nil)
            case .waiting(let continuation):
                state = .resolved(outcome)
                return (true, continuation)
            case .resolved:
                return (false, nil)
            }
        }
        waiting?.resume(returning: outcome)
        return isFirst
    }

    /// Waits for the result.
    ///
    /// - Throws: What it was resolved with, or ``RedisError/Code/cancelled`` as soon as the task is.
    func value() async throws(RedisError) -> Value {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0) }
        } onCancel: {
            resolve(.failure(.cancelled))
        }
        return try outcome.get()
    }

    private func wait(_ continuation: CheckedContinuation<Outcome, Never>) {
        let outcome = state.withLock { state -> Outcome? in
            switch state {
            case .empty:
                state = .waiting(continuation)
                return nil
            case .waiting:
                preconditionFailure("a second task waits for the same result")
            case .resolved(let outcome):
                return outcome
            }
        }
        if let outcome { continuation.resume(returning: outcome) }
    }
}

extension RedisError {
    static let cancelled = RedisError(code: .cancelled, message: "the task was cancelled while it waited for Redis")
}
