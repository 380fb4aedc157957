import Synchronization

/// Lets so many pass at a time; of those who wait, the owner with the fewest inside comes first, then the longest wait.
///
/// So one role with a thousand jobs does not keep another's single job waiting for all of them.
final class FairQueue: Sendable {
    private struct Waiter {
        var id: UInt64
        var owner: String
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var inside: [String: Int] = [:]
        var waiters: [Waiter] = []
        var lastID: UInt64 = 0

        mutating func admit(_ owner: String) {
            free -= 1
            inside[owner, default: 0] += 1
        }

        mutating func leave(_ owner: String) -> Waiter? {
            free += 1
            let left = inside[owner, default: 1] - 1
            inside[owner] = left > 0 ? left : nil
            guard free > 0 else { return nil }
            let next = waiters.indices.min { left, right in
                (inside[waiters[left].owner, default: 0], left) < (inside[waiters[right].owner, default: 0], right)
            }
            guard let next else { return nil }
            admit(waiters[next].owner)
            return waiters.remove(at: next)
        }
    }

    private let state: Mutex<State>

    /// A queue in front of so many places.
    init(places: Int) {
        precondition(places > 0, "FairQueue needs places")
        state = Mutex(State(free: places))
    }

    /// How many wait.
    var waiterCount: Int { state.withLock(\.waiters.count) }

    /// Waits for a place; whoever got one calls `leave`.
    ///
    /// - Throws: `CancellationError` when the task was cancelled while it waited.
    func enter(_ owner: String) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let isInside = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    guard !Task.isCancelled else { return false }
                    guard state.free <= 0 else {
                        state.admit(owner)
                        return true
                    }
                    state.waiters.append(Waiter(id: id, owner: owner, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: false)
        }
        guard isInside else { throw CancellationError() }
    }

    /// Gives the place back.
    func leave(_ owner: String) {
        state.withLock { $0.leave(owner) }?.continuation.resume(returning: true)
    }
}
