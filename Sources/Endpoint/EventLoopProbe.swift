package import NIOCore
import Synchronization

/// Asks event loops whether they still turn: one that is blocked never answers.
package final class EventLoopProbe: Sendable {
    /// A moment that does not pass while the machine sleeps.
    package typealias Instant = SuspendingClock.Instant

    private let loops: [any EventLoop]
    /// When each loop was asked that has not answered, by its place in the list.
    private let unanswered = Mutex<[Int: Instant]>([:])

    /// A probe of all loops of a group; none is asked yet.
    package init(_ group: any EventLoopGroup) {
        loops = Array(group.makeIterator())
    }

    /// Asks every loop that owes no answer; returns at once.
    package func ask(at now: Instant = .now) {
        let due = unanswered.withLock { unanswered in
            let due = loops.indices.filter { unanswered[$0] == nil }
            for index in due { unanswered[index] = now }
            return due
        }
        for index in due {
            loops[index].execute { self.unanswered.withLock { $0[index] = nil } }
        }
    }

    /// How long the slowest loop has owed an answer; zero when none does.
    package func silence(at now: Instant = .now) -> Duration {
        unanswered.withLock { Array($0.values) }.map { $0.duration(to: now) }.max() ?? .zero
    }
}
