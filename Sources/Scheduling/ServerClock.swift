package import PostgresClient
import Synchronization

/// PostgreSQL's clock, read off this machine's monotonic one.
///
/// All daemons of one database thereby agree on the time, whatever their own clocks say. Each answer of the server that
/// carries its time bounds the difference between the two clocks from both sides: the server read its clock between our
/// question and our answer. The estimate is moved into these bounds and no further, so a quick answer corrects it and a
/// slow one does not disturb it.
package final class ServerClock: Sendable {
    /// A moment on this machine's monotonic clock.
    package typealias Instant = ContinuousClock.Instant

    private struct State {
        /// The server's time at `origin`, in microseconds since 1970; nil until it was heard for the first time.
        var timeAtOrigin: Int64?
    }

    private let origin = ContinuousClock.now
    private let state = Mutex(State())

    /// A clock that has not heard of the server yet.
    package init() {}

    /// The server's time now; long ago before it was first heard.
    package var now: PostgresTimestamp { time(at: .now) }

    /// The server's time at a moment.
    package func time(at instant: Instant) -> PostgresTimestamp {
        guard let timeAtOrigin = state.withLock(\.timeAtOrigin) else { return .negativeInfinity }
        return PostgresTimestamp(microseconds: timeAtOrigin + origin.duration(to: instant).microseconds)
    }

    /// The moment at which the server's clock will show a time.
    package func instant(of time: PostgresTimestamp) -> Instant {
        guard let timeAtOrigin = state.withLock(\.timeAtOrigin) else { return .now }
        let (difference, overflow) = time.microseconds.subtractingReportingOverflow(timeAtOrigin)
        return origin.advanced(by: overflow ? .seconds(1 << 40) : .microseconds(difference))
    }

    /// Takes note of what the server's clock showed between two moments.
    ///
    /// - Returns: how far the estimate was moved, positive when the server's clock is ahead of it.
    @discardableResult
    package func record(_ time: PostgresTimestamp, askedAt: Instant, answeredAt: Instant) -> Duration {
        let earliest = time.microseconds - origin.duration(to: answeredAt).microseconds
        let latest = time.microseconds - origin.duration(to: askedAt).microseconds
        return state.withLock { state in
            guard let estimate = state.timeAtOrigin else {
                state.timeAtOrigin = earliest + (latest - earliest) / 2
                return .zero
            }
            let corrected = min(max(estimate, earliest), latest)
            state.timeAtOrigin = corrected
            return .microseconds(corrected - estimate)
        }
    }
}
