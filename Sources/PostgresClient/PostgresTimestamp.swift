/// A `timestamptz`: microseconds since 1970-01-01 00:00 UTC, or one of PostgreSQL's two infinities.
public struct PostgresTimestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970; `Int64.max` and `Int64.min` are the infinities.
    public let microseconds: Int64

    /// Later than all other timestamps.
    public static let infinity = PostgresTimestamp(microseconds: .max)
    /// Earlier than all other timestamps.
    public static let negativeInfinity = PostgresTimestamp(microseconds: .min)

    /// Creates a timestamp from microseconds since 1970.
    @inlinable
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Whether this is a point in time rather than an infinity.
    public var isFinite: Bool { self != .infinity && self != .negativeInfinity }

    /// Orders by time.
    public static func < (left: Self, right: Self) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension PostgresTimestamp {
    /// 2000-01-01 in microseconds since 1970: where the server's binary format starts to count.
    @usableFromInline static let serverEpoch: Int64 = 946_684_800_000_000

    /// The server's binary value. A time before the server's range stays finite, so that the server refuses it.
    var serverValue: Int64 {
        guard isFinite else { return microseconds }
        let (value, overflow) = microseconds.subtractingReportingOverflow(Self.serverEpoch)
        return overflow ? .min + 1 : value
    }

    /// Nil for the last 30 years of the server's range (near AD 294276), which do not fit.
    @inlinable
    init?(serverValue: Int64) {
        guard serverValue != .max, serverValue != .min else {
            self.init(microseconds: serverValue)
            return
        }
        let (value, overflow) = serverValue.addingReportingOverflow(Self.serverEpoch)
        guard !overflow, value != .max else { return nil }
        self.init(microseconds: value)
    }
}
