extension Timestamp {
    /// Reads RFC 3339, such as `2026-01-31T23:59:59.123Z` or `2026-01-31 23:59:59+01:00`; nil when it is none.
    ///
    /// Digits beyond microseconds are cut. A leap second is refused: PostgreSQL has none.
    public init?(rfc3339 text: some StringProtocol) {
        var fields = DateFields(Array(text.utf8)[...])
        guard let seconds = fields.date(), let time = fields.time(), fields.isAtEnd else { return nil }
        self.init(microseconds: seconds * 1_000_000 + time)
    }
}

/// What is left to read of a date.
private struct DateFields {
    private var rest: ArraySlice<UInt8>

    init(_ rest: ArraySlice<UInt8>) {
        self.rest = rest
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Seconds from 1970 to the beginning of `yyyy-mm-dd`, and the separator after it.
    mutating func date() -> Int64? {
        guard let year = number(digits: 4, in: 1...9999), skip("-"), let month = number(digits: 2, in: 1...12),
            skip("-"), let day = number(digits: 2, in: 1...Self.days(in: month, of: year)), skip("Tt ")
        else { return nil }
        return Self.daysSince1970(year, month, day) * 86_400
    }

    /// Microseconds from the beginning of the day to `hh:mm:ss[.f](Z|±hh:mm)`, in UTC.
    mutating func time() -> Int64? {
        guard let hour = number(digits: 2, in: 0...23), skip(":"), let minute = number(digits: 2, in: 0...59),
            skip(":"), let second = number(digits: 2, in: 0...59), let fraction = fraction(), let offset = offset()
        else { return nil }
        return (hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction
    }

    /// Microseconds of `.f`; 0 when there is none.
    private mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        let digits = rest.prefix { Self.isDigit($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        let padded = Array(digits.prefix(6)) + Array(repeating: UInt8(ascii: "0"), count: max(0, 6 - digits.count))
        return padded.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// Seconds that local time is ahead of UTC.
    private mutating func offset() -> Int64? {
        if skip("Zz") { return 0 }
        let isBehind = rest.first == UInt8(ascii: "-")
        guard skip("+-"), let hours = number(digits: 2, in: 0...23), skip(":"),
            let minutes = number(digits: 2, in: 0...59)
        else { return nil }
        return (hours * 3600 + minutes * 60) * (isBehind ? -1 : 1)
    }

    private mutating func number(digits count: Int, in range: ClosedRange<Int64>) -> Int64? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(Self.isDigit) else { return nil }
        rest = rest.dropFirst(count)
        let number = digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        return range.contains(number) ? number : nil
    }

    /// Passes one of some characters, when it comes next.
    private mutating func skip(_ accepted: StaticString) -> Bool {
        guard let next = rest.first, accepted.withUTF8Buffer({ $0.contains(next) }) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`: years begin in March, so that the
    /// day that is sometimes there is the last. For years from 1 on.
    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = (year / 400, year % 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
