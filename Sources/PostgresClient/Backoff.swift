/// How long to wait before the next attempt: full jitter, anything between nothing and a doubling upper bound.
///
/// Full jitter keeps many clients from knocking at a restarted server in step.
/// Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
public struct Backoff: Sendable, Hashable {
    /// Upper bound of the first delay.
    public let base: Duration
    /// Upper bound of every delay.
    public let limit: Duration
    /// Delays handed out since the last success.
    public private(set) var attempts = 0

    /// Creates a back-off that starts at `base` and doubles up to `limit`.
    public init(base: Duration = .milliseconds(100), limit: Duration = .seconds(10)) {
        precondition(base > .zero && limit >= base, "Backoff needs 0 < base <= limit")
        self.base = base
        self.limit = limit
    }

    /// The largest delay that the next call of `next` can return.
    public var bound: Duration {
        var bound = base
        for _ in 0..<attempts where bound < limit {
            bound *= 2
        }
        return min(bound, limit)
    }

    /// The delay before the next attempt, drawn evenly from `0..<bound`.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        // 53 random bits, as many as a Double holds; one draw, whatever the generator returns.
        let share = Double(generator.next() >> 11) / Double(1 << 53)
        let delay = bound * share
        attempts += 1
        return delay
    }

    /// The delay before the next attempt, from the system's random numbers.
    public mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    /// Starts again at `base`; call it after a success.
    public mutating func reset() {
        attempts = 0
    }
}
