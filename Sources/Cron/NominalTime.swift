/// The moment at which a schedule says that a job is due: whole seconds, whatever the time of day it really started.
///
/// `description` is RFC 3339 in UTC, such as `2026-11-24T00:15:00Z`.
public struct NominalTime: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted; negative before.
    public let secondsSince1970: Int64

    /// A nominal time from seconds since 1970.
    public init(secondsSince1970: Int64) {
        self.secondsSince1970 = secondsSince1970
    }

    /// Orders nominal times by time.
    public static func < (left: NominalTime, right: NominalTime) -> Bool {
        left.secondsSince1970 < right.secondsSince1970
    }

    /// 0001-01-01T00:00:00Z: schedules do not fire before.
    static let earliest = NominalTime(secondsSince1970: -62_135_596_800)

    /// 9999-12-31T23:59:59Z: schedules do not fire after; RFC 3339 has four digits for the year.
    static let latest = NominalTime(secondsSince1970: 253_402_300_799)
}

extension NominalTime: CustomStringConvertible {
    /// RFC 3339 in UTC.
    public var description: String {
        let (day, second) = Int(secondsSince1970).flooredDivision(by: 86_400)
        let date = CivilDate(day: day)
        let time = [second / 3_600, second / 60 % 60, second % 60].map { $0.padded(to: 2) }
        let dayText = "\(date.year.padded(to: 4))-\(date.month.padded(to: 2))-\(date.day.padded(to: 2))"
        return "\(dayText)T\(time[0]):\(time[1]):\(time[2])Z"
    }
}

extension Int {
    /// Quotient and remainder with the remainder in `0..<divisor`, so that moments before 1970 lie in the right day.
    func flooredDivision(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// The number in decimal with leading zeros.
    func padded(to width: Int) -> String {
        let digits = String(magnitude)
        let zeros = String(repeating: "0", count: Swift.max(0, width - digits.utf8.count))
        return (self < 0 ? "-" : "") + zeros + digits
    }
}
