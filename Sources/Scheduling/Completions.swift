import PostgresClient
import Synchronization

/// Records how runs ended: all that end while one commit is under way share the next.
final class Completions: Sendable {
    private struct Item {
        var completion: Completion
        var continuation: CheckedContinuation<JobLedger.Recorded?, Never>
    }

    private struct State {
        var items: [Item] = []
        var isClosed = false
    }

    private let ledger: JobLedger
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let onFailure: @Sendable (any Error, Duration) -> Void

    init(_ ledger: JobLedger, onFailure: @escaping @Sendable (any Error, Duration) -> Void) {
        self.ledger = ledger
        self.onFailure = onFailure
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Returns when the end of a run is safe, with nil when the run was no longer ours, or the daemon could not wait.
    func record(_ completion: Completion) async -> JobLedger.Recorded? {
        await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                if !state.isClosed { state.items.append(Item(completion: completion, continuation: continuation)) }
                return state.isClosed
            }
            if isClosed { continuation.resume(returning: nil) } else { signal.yield() }
        }
    }

    /// Records until the task is cancelled; tries again for as long as PostgreSQL is away.
    func run() async {
        for await _ in signals {
            let items = take()
            guard !items.isEmpty else { continue }
            let recorded = await recordPatiently(items.map(\.completion))
            for item in items {
                item.continuation.resume(returning: recorded.first { $0.id == item.completion.claim.id })
            }
        }
        let left = state.withLock { state in
            defer { state.items = [] }
            state.isClosed = true
            return state.items
        }
        for item in left { item.continuation.resume(returning: nil) }
    }

    private func take() -> [Item] {
        state.withLock { state in
            defer { state.items = [] }
            return state.items
        }
    }

    private func recordPatiently(_ completions: [Completion]) async -> [JobLedger.Recorded] {
        var backoff = Backoff(base: .milliseconds(100), limit: .seconds(5))
        while !Task.isCancelled {
            do {
                return try await ledger.record(completions)
            } catch {
                let pause = backoff.next()
                onFailure(error, pause)
                // The back-off. Cancelling ends it early, and the loop sees that.
                try? await Task.sleep(for: pause)
            }
        }
        return []
    }
}
