import Synchronization

/// Holds tasks back until it is opened, and tells when they have arrived.
final class AsyncGate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            arrival.yield()
            if isOpen { continuation.resume() }
        }
    }

    func waitForArrivals(_ count: Int) async {
        var arrivals = arrivals.makeAsyncIterator()
        for _ in 0..<count { await arrivals.next() }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
