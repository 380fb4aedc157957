extension PosixRule {
    /// A rule from the footer of a TZif file, such as `CET-1CEST,M3.5.0,M10.5.0/3`; nil when it is not one.
    init?(_ text: [UInt8]) {
        var parser = PosixRuleParser(rest: text[...])
        guard let rule = parser.rule(), parser.rest.isEmpty else { return nil }
        self = rule.simplified
    }
}

/// Reads a POSIX TZ string; every step answers nil when the text does not fit.
private struct PosixRuleParser {
    var rest: ArraySlice<UInt8>

    mutating func rule() -> PosixRule? {
        guard name(), let west = time(hours: 24) else { return nil }
        if rest.isEmpty { return PosixRule(standardOffset: -west) }
        guard name() else { return nil }
        var daylightOffset = -west + 3_600
        if rest.first != UInt8(ascii: ",") {
            guard let west = time(hours: 24) else { return nil }
            daylightOffset = -west
        }
        guard let start = change(), let end = change() else { return nil }
        let daylight = PosixRule.Daylight(offset: daylightOffset, start: start, end: end)
        return PosixRule(standardOffset: -west, daylight: daylight)
    }

    /// Three or more letters, or letters, digits and signs in angle brackets.
    private mutating func name() -> Bool {
        if take("<") {
            let name = rest.prefix { $0.isLetter || $0.isDigit || [UInt8(ascii: "+"), UInt8(ascii: "-")].contains($0) }
            rest.removeFirst(name.count)
            return name.count >= 3 && take(">")
        }
        let name = rest.prefix(while: \.isLetter)
        rest.removeFirst(name.count)
        return name.count >= 3
    }

    /// `,day[/time]`; the time is 02:00 when it is not written.
    private mutating func change() -> PosixRule.Change? {
        guard take(","), let day = day() else { return nil }
        guard take("/") else { return PosixRule.Change(day: day, time: 7_200) }
        return time(hours: 167).map { PosixRule.Change(day: day, time: $0) }
    }

    private mutating func day() -> PosixRule.Day? {
        if take("J") { return number(1...365).map(PosixRule.Day.julian) }
        guard take("M") else { return number(0...365).map(PosixRule.Day.ordinal) }
        guard let month = number(1...12), take("."), let week = number(1...5), take("."), let weekday = number(0...6)
        else { return nil }
        return .weekday(month: month, week: week, weekday: weekday)
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    private mutating func time(hours bound: Int) -> Int? {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        guard let hours = number(0...bound) else { return nil }
        var seconds = hours * 3_600
        for unit in [60, 1] where take(":") {
            guard let number = number(0...59) else { return nil }
            seconds += number * unit
        }
        return isNegative ? -seconds : seconds
    }

    private mutating func number(_ bounds: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix(while: \.isDigit)
        rest.removeFirst(digits.count)
        guard (1...4).contains(digits.count) else { return nil }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return bounds.contains(number) ? number : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowercased) }

    /// The small letter of an ASCII capital, and any other byte as it is.
    var lowercased: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }
}
