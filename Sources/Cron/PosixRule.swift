/// When daylight saving time begins and ends each year, for ever: a POSIX TZ string.
///
/// Source: POSIX.1-2024, XBD 8.3 `TZ`; RFC 9636, section 3.3.2, for times of -167 to 167 hours.
struct PosixRule: Sendable, Hashable {
    /// Seconds east of UTC outside daylight saving time.
    var standardOffset: Int
    var daylight: Daylight?

    struct Daylight: Sendable, Hashable {
        /// Seconds east of UTC within daylight saving time.
        var offset: Int
        var start: Change
        var end: Change
    }

    /// A day of every year and a time of it.
    struct Change: Sendable, Hashable {
        var day: Day
        /// Seconds after local midnight; may lie in another day.
        var time: Int
    }

    enum Day: Sendable, Hashable {
        /// `Jn`, 1 to 365; 29 February is never counted.
        case julian(Int)
        /// `n`, 0 to 365; 29 February is counted.
        case ordinal(Int)
        /// `Mm.w.d`; week 5 is the last, weekday 0 is Sunday.
        case weekday(month: Int, week: Int, weekday: Int)
    }

    /// The span of one offset that holds an instant.
    func span(containing instant: Int) -> TimeZoneRules.Span {
        let (past, future) = (TimeZoneRules.distantPast, TimeZoneRules.distantFuture)
        var span = TimeZoneRules.Span(start: past, end: future, offset: standardOffset)
        guard let daylight else { return span }
        let bounded = min(max(instant, past / 2), future / 2)
        let year = CivilDate(day: (bounded + standardOffset).flooredDivision(by: 86_400).quotient).year
        for year in year - 1...year + 1 {
            span.narrow(to: bounded, change: end(daylight, year), offset: standardOffset)
            span.narrow(to: bounded, change: start(daylight, year), offset: daylight.offset)
        }
        return span
    }

    /// The same rule without changes that change nothing.
    ///
    /// RFC 9636, section 3.3.1, writes permanent daylight saving time as one that ends when it begins again.
    var simplified: PosixRule {
        guard let daylight else { return self }
        if daylight.offset == standardOffset { return PosixRule(standardOffset: standardOffset) }
        let isPermanent = (2_000..<2_008).allSatisfy { end(daylight, $0) == start(daylight, $0 + 1) }
        return isPermanent ? PosixRule(standardOffset: daylight.offset) : self
    }

    private func start(_ daylight: Daylight, _ year: Int) -> Int { daylight.start.local(year) - standardOffset }

    private func end(_ daylight: Daylight, _ year: Int) -> Int { daylight.end.local(year) - daylight.offset }
}

extension PosixRule.Change {
    /// The local time of the change, as seconds since 1970-01-01T00:00:00 of the clock that it ends.
    func local(_ year: Int) -> Int { day.number(year) * 86_400 + time }
}

extension PosixRule.Day {
    /// Days since 1970-01-01.
    func number(_ year: Int) -> Int {
        switch self {
        case .julian(let day):
            let isAfterFebruary = CivilDate.isLeap(year) && day > 59
            return CivilDate(year: year, month: 1, day: 1).dayNumber + day - (isAfterFebruary ? 0 : 1)
        case .ordinal(let day):
            return CivilDate(year: year, month: 1, day: 1).dayNumber + day
        case .weekday(let month, let week, let weekday):
            let first = CivilDate(year: year, month: month, day: 1).dayNumber
            let offset = (weekday - CivilDate.weekday(ofDay: first) + 7) % 7 + (week - 1) * 7
            return first + (offset < CivilDate.length(ofMonth: month, year: year) ? offset : offset - 7)
        }
    }
}

extension TimeZoneRules.Span {
    /// Takes a change into account that comes before or after the instant that the span must hold; of two at once, the
    /// later call counts.
    fileprivate mutating func narrow(to instant: Int, change: Int, offset: Int) {
        if change > instant {
            end = min(end, change)
        } else if change >= start {
            (start, self.offset) = (change, offset)
        }
    }
}
