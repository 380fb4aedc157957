import Activity

/// So many requests in a minute: full at first, refilled steadily, empty when too much was taken.
struct TokenBucket: Sendable {
    /// What is to be said about it after a request.
    struct Level: Sendable, Hashable {
        /// Requests that are possible at once.
        let remaining: Int
        /// Seconds, rounded up, until it is full.
        let secondsToFull: Int
        /// Seconds, rounded up, until one more request is possible.
        let secondsToNext: Int
    }

    private static let window: Int64 = 60_000_000

    /// When it will be full. Says all there is to know of it, without fractions that get lost.
    private var fullAt: Timestamp

    init(at now: Timestamp) {
        fullAt = now
    }

    /// Takes one, when there is one.
    ///
    /// - Parameters:
    ///   - limit: how many there are in a full one.
    ///   - now: when a clock was set back by more than a minute, the bucket begins anew.
    /// - Returns: whether there was one.
    mutating func take(of limit: Int, at now: Timestamp) -> Bool {
        let step = Self.window / Int64(limit)
        let wasSetBack = fullAt.microseconds > now.microseconds + Self.window
        fullAt = wasSetBack ? now : max(fullAt, now)
        guard fullAt.microseconds + step <= now.microseconds + Self.window else { return false }
        fullAt = Timestamp(microseconds: fullAt.microseconds + step)
        return true
    }

    func level(of limit: Int, at now: Timestamp) -> Level {
        let step = Self.window / Int64(limit)
        let missing = min(max(fullAt.microseconds - now.microseconds, 0), Self.window)
        return Level(
            remaining: Int((Self.window - missing) / step),
            secondsToFull: Self.seconds(missing),
            secondsToNext: Self.seconds(max(0, missing + step - Self.window)),
        )
    }

    private static func seconds(_ microseconds: Int64) -> Int {
        Int((microseconds + 999_999) / 1_000_000)
    }
}
