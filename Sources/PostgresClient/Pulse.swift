import Synchronization

/// The sign of life of a loop that lives on a server: whoever watches over it learns whether it still turns.
///
///     resting ─beat()→ turning: owes the next beat within its patience ─rest()→ resting
///                         └────── rest(until:) ──────→ owes it within its patience after that moment
///
/// A loop that waits for the server is not dead, however long a statement takes: as long as it is the task's ``current``
/// pulse, the connection that waits for the answer gives the beats.
public final class Pulse: Sendable {
    /// A moment that does not pass while the machine sleeps.
    public typealias Instant = SuspendingClock.Instant

    /// The pulse of the loop that this task belongs to.
    @TaskLocal public static var current: Pulse?

    /// How often a connection that waits gives a beat.
    static let waitingInterval = Duration.seconds(2)

    /// How long the loop may take for one turn, waiting for the server aside.
    public let patience: Duration
    private let due = Mutex<Instant?>(nil)

    /// A pulse at rest.
    public init(patience: Duration = .seconds(30)) {
        self.patience = patience
    }

    /// The loop has turned, or is still being served.
    public func beat(at now: Instant = .now) {
        due.withLock { $0 = now + patience }
    }

    /// The loop waits for something that may never come; nothing is owed until the next beat.
    public func rest() {
        due.withLock { $0 = nil }
    }

    /// The loop waits for a moment, and turns then.
    public func rest(until moment: ContinuousClock.Instant, at now: Instant = .now) {
        let pause = max(.zero, ContinuousClock.now.duration(to: moment))
        due.withLock { $0 = now + pause + patience }
    }

    /// Whether a beat is overdue.
    public func isSilent(at now: Instant = .now) -> Bool {
        due.withLock { $0.map { $0 < now } ?? false }
    }
}
