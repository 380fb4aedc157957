import NIOCore
import NIOPosix
import Synchronization

/// Threads for work that would hold up an event loop, with a bound on what may wait for them.
final class WorkQueue: Sendable {
    private let pool: NIOThreadPool
    private let capacity: Int
    private let pending = Atomic<Int>(0)

    /// - Parameters:
    ///   - concurrency: how much is worked on at the same time.
    ///   - waiting: how much may wait beyond that.
    init(concurrency: Int, waiting: Int) {
        pool = NIOThreadPool(numberOfThreads: concurrency)
        capacity = concurrency + waiting
        pool.start()
    }

    /// Does some work on a thread and calls `completion` there, with nil when the work was refused or given up.
    ///
    /// A refusal is told on the caller's thread.
    func submit<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value,
        completion: @escaping @Sendable (Value?) -> Void,
    ) {
        guard pending.wrappingAdd(1, ordering: .relaxed).newValue <= capacity else {
            pending.wrappingSubtract(1, ordering: .relaxed)
            return completion(nil)
        }
        pool.submit { state in
            let value = state == .active ? work() : nil
            self.pending.wrappingSubtract(1, ordering: .relaxed)
            completion(value)
        }
    }

    /// Gives up what waits and ends the threads.
    func shutDown() async {
        try? await pool.shutdownGracefully()
    }
}
