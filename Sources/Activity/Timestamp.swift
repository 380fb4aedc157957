/// A point in time as PostgreSQL's `timestamptz` holds it.
///
/// `description` is RFC 3339 in UTC with `Z`: whole seconds without a fraction, otherwise milli- or microseconds.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z; negative before.
    public var microseconds: Int64

    /// A timestamp from microseconds since 1970.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// A timestamp from whole seconds since 1970.
    public init(seconds: Int64) {
        self.init(microseconds: seconds * 1_000_000)
    }

    /// The second that holds this moment, rounded towards the past.
    public var second: Int64 { microseconds.flooredQuotient(1_000_000) }

    /// The hour that holds this moment.
    public var hour: Hour { Hour(Int32(truncatingIfNeeded: microseconds.flooredQuotient(3_600_000_000))) }

    /// The same moment without its fraction of a second.
    public var wholeSecond: Timestamp { Timestamp(seconds: second) }

    /// Orders moments by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}

/// A whole hour in UTC, counted since 1970: the grain of facts.
public struct Hour: Hashable, Comparable, Strideable, Sendable {
    /// Hours since 1970-01-01T00:00:00Z.
    public var number: Int32

    /// An hour from its number since 1970.
    public init(_ number: Int32) {
        self.number = number
    }

    /// The first moment of the hour.
    public var start: Timestamp { Timestamp(microseconds: Int64(number) * 3_600_000_000) }

    /// Orders hours by time.
    public static func < (left: Hour, right: Hour) -> Bool { left.number < right.number }

    /// The number of hours from this hour to another.
    public func distance(to other: Hour) -> Int { Int(other.number) - Int(number) }

    /// The hour that lies `hours` later.
    public func advanced(by hours: Int) -> Hour { Hour(number + Int32(hours)) }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC.
    public var description: String {
        var json = JSONWriter()
        json.append(self)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

extension Int64 {
    /// Division that rounds towards negative infinity, so that moments before 1970 fall into the hour that holds them.
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
