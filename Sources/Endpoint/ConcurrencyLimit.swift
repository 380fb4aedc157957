import Synchronization

/// Counts what is under way, up to a limit.
final class ConcurrencyLimit: Sendable {
    private let limit: Int
    private let count = Atomic<Int>(0)

    init(_ limit: Int) {
        self.limit = limit
    }

    /// - Returns: whether one more may begin; it must then `leave()`.
    func enter() -> Bool {
        let isAdmitted = count.wrappingAdd(1, ordering: .relaxed).newValue <= limit
        if !isAdmitted { leave() }
        return isAdmitted
    }

    func leave() {
        count.wrappingSubtract(1, ordering: .relaxed)
    }
}
