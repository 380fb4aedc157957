import Synchronization

/// Waits for the first of several possible outcomes; the others are ignored.
final class FirstOutcome: Sendable {
    private enum State {
        case pending(CheckedContinuation<Void, any Error>?)
        case resolved(Result<Void, any Error>)
    }

    private let state = Mutex(State.pending(nil))

    /// Waits until `resolve` has been called once. To be called once only.
    func wait() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let outcome: Result<Void, any Error>? = state.withLock { state in
                if case .resolved(let outcome) = state { return outcome }
                state = .pending(continuation)
                return nil
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    /// Ends the wait unless it has ended already.
    func resolve(_ outcome: Result<Void, any Error>) {
        let waiting: CheckedContinuation<Void, any Error>? = state.withLock { state in
            guard case .pending(let continuation) = state else { return nil }
            state = .resolved(outcome)
            return continuation
        }
        waiting?.resume(with: outcome)
    }
}
