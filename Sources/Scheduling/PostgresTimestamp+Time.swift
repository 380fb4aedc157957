import Cron
package import PostgresClient

extension PostgresTimestamp {
    /// A nominal time.
    init(_ time: NominalTime) {
        self.init(microseconds: time.secondsSince1970 * 1_000_000)
    }

    /// RFC 3339 in UTC to the microsecond, such as `2026-11-24T00:15:00.000000Z`.
    package var rfc3339: String {
        let whole = NominalTime(flooring: self)
        let fraction = "\(1_000_000 + microseconds - whole.secondsSince1970 * 1_000_000)".dropFirst()
        return "\(whole.description.dropLast()).\(fraction)Z"
    }

    /// A later time; an infinity stays one.
    static func + (time: Self, duration: Duration) -> Self {
        time.isFinite ? Self(microseconds: time.microseconds + duration.microseconds) : time
    }

    /// An earlier time; an infinity stays one.
    static func - (time: Self, duration: Duration) -> Self {
        time + (.zero - duration)
    }

    /// The time between two; as good as for ever when one is infinite.
    static func - (left: Self, right: Self) -> Duration {
        let (difference, overflow) = left.microseconds.subtractingReportingOverflow(right.microseconds)
        guard left.isFinite, right.isFinite, !overflow else { return .seconds(left > right ? 1 << 40 : -1 << 40) }
        return .microseconds(difference)
    }
}

extension NominalTime {
    /// The whole second that a time lies in; the end of all schedules for an infinity.
    init(flooring time: PostgresTimestamp) {
        let (quotient, remainder) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        self.init(secondsSince1970: remainder < 0 ? quotient - 1 : quotient)
    }
}

extension Duration {
    /// Whole microseconds, rounded towards zero.
    var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
