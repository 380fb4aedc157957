import Activity
import Foundation
import Synchronization

/// Holds computations back until it is opened, and tells when one has arrived.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrivals: [DocumentKey] = []
    }

    private let condition = NSCondition()
    private let state = Mutex(State())
    private let stream = AsyncStream.makeStream(of: DocumentKey.self)

    /// Everything that came to the gate so far.
    var arrivals: [DocumentKey] { state.withLock { $0.arrivals } }

    /// To be called on a thread that may block.
    func pass(_ key: DocumentKey) {
        state.withLock { $0.arrivals.append(key) }
        stream.continuation.yield(key)
        condition.lock()
        while !state.withLock({ $0.isOpen }) { condition.wait() }
        condition.unlock()
    }

    /// Returns once so many computations have arrived that no call has waited for before.
    func waitForArrivals(_ count: Int = 1) async {
        var arrivals = stream.stream.makeAsyncIterator()
        for _ in 0..<count { _ = await arrivals.next() }
    }

    func open() {
        condition.lock()
        state.withLock { $0.isOpen = true }
        condition.broadcast()
        condition.unlock()
    }
}
