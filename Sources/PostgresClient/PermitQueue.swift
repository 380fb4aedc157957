/// The state of a first-come, first-served semaphore; it holds no continuations and never waits.
struct PermitQueue<Waiter: Hashable> {
    /// What a request for a permit leads to.
    enum Answer: Equatable {
        case granted
        case wait
        case refused
    }

    private(set) var isClosed = false
    private var total: Int
    private var free: Int
    private var waiters: [Waiter] = []

    init(permits: Int) {
        precondition(permits > 0, "PermitQueue needs at least one permit")
        total = permits
        free = permits
    }

    var isIdle: Bool { free == total }
    var waiterCount: Int { waiters.count }

    /// Asks for a permit; whoever has to wait is remembered as `waiter`.
    mutating func acquire(_ waiter: Waiter) -> Answer {
        guard !isClosed else { return .refused }
        guard free == 0 else {
            free -= 1
            return .granted
        }
        waiters.append(waiter)
        return .wait
    }

    /// Gives a permit back; returns the waiter that has it now.
    mutating func release() -> Waiter? {
        guard waiters.isEmpty else { return waiters.removeFirst() }
        precondition(free < total, "PermitQueue: a permit was given back twice")
        free += 1
        return nil
    }

    /// Forgets a waiter; false when it was not waiting any more.
    mutating func cancel(_ waiter: Waiter) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// Refuses from now on; returns those who waited.
    mutating func close() -> [Waiter] {
        isClosed = true
        defer { waiters = [] }
        return waiters
    }
}
