/// The fields of a schedule as sets, and the search for matching local times.
///
/// A *local time* here is what a wall clock shows, as seconds since its 1970-01-01T00:00:00; zones come in elsewhere.
struct CronFields: Sendable, Hashable {
    /// 0 to 59.
    var seconds: BitMask
    /// 0 to 59.
    var minutes: BitMask
    /// 0 to 23.
    var hours: BitMask
    var dayRule: DayRule
    /// The hour field begins with `*`.
    var isHourWildcard: Bool

    /// The first matching local time that is not before `local`; nil when there is none up to the year 10000.
    func next(from local: Int) -> Int? {
        let (day, second) = local.flooredDivision(by: 86_400)
        var date = CivilDate(day: day)
        if matches(date), let time = time(from: second) { return day * 86_400 + time }
        date.day += 1
        guard let found = firstDay(from: date) else { return nil }
        return found * 86_400 + (hours.lowest * 60 + minutes.lowest) * 60 + seconds.lowest
    }

    /// The last matching local time that is not after `local`; nil when there is none down to the year 0.
    func previous(through local: Int) -> Int? {
        let (day, second) = local.flooredDivision(by: 86_400)
        var date = CivilDate(day: day)
        if matches(date), let time = time(through: second) { return day * 86_400 + time }
        date.day -= 1
        guard let found = lastDay(through: date) else { return nil }
        return found * 86_400 + (hours.highest * 60 + minutes.highest) * 60 + seconds.highest
    }
}

// Days.
extension CronFields {
    private func matches(_ date: CivilDate) -> Bool {
        dayRule.months.contains(date.month) && days(year: date.year, month: date.month).contains(date.day)
    }

    private func days(year: Int, month: Int) -> BitMask {
        dayRule.days(
            length: CivilDate.length(ofMonth: month, year: year),
            firstWeekday: CivilDate.weekday(ofDay: CivilDate(year: year, month: month, day: 1).dayNumber),
        )
    }

    /// The first matching day, as days since 1970; the given day may lie one past the end of its month.
    private func firstDay(from start: CivilDate) -> Int? {
        var date = start
        while date.year <= 10_000 {
            if let month = dayRule.months.first(from: date.month) {
                if month != date.month { date.day = 1 }
                if let day = days(year: date.year, month: month).first(from: date.day) {
                    return CivilDate(year: date.year, month: month, day: day).dayNumber
                }
                date = CivilDate(year: date.year, month: month + 1, day: 1)
            } else {
                date = CivilDate(year: date.year + 1, month: 1, day: 1)
            }
        }
        return nil
    }

    /// The last matching day, as days since 1970; the given day may be 0.
    private func lastDay(through start: CivilDate) -> Int? {
        var date = start
        while date.year >= 0 {
            if let month = dayRule.months.last(through: date.month) {
                if month != date.month { date.day = 31 }
                if let day = days(year: date.year, month: month).last(through: date.day) {
                    return CivilDate(year: date.year, month: month, day: day).dayNumber
                }
                date = CivilDate(year: date.year, month: month - 1, day: 31)
            } else {
                date = CivilDate(year: date.year - 1, month: 12, day: 31)
            }
        }
        return nil
    }
}

// Times of the day, in seconds since midnight.
extension CronFields {
    private func time(from second: Int) -> Int? {
        let (hour, minute) = (second / 3_600, second / 60 % 60)
        if hours.contains(hour) {
            if minutes.contains(minute), let found = seconds.first(from: second % 60) {
                return second - second % 60 + found
            }
            if let found = minutes.first(from: minute + 1) { return (hour * 60 + found) * 60 + seconds.lowest }
        }
        return hours.first(from: hour + 1).map { ($0 * 60 + minutes.lowest) * 60 + seconds.lowest }
    }

    private func time(through second: Int) -> Int? {
        let (hour, minute) = (second / 3_600, second / 60 % 60)
        if hours.contains(hour) {
            if minutes.contains(minute), let found = seconds.last(through: second % 60) {
                return second - second % 60 + found
            }
            if let found = minutes.last(through: minute - 1) { return (hour * 60 + found) * 60 + seconds.highest }
        }
        return hours.last(through: hour - 1).map { ($0 * 60 + minutes.highest) * 60 + seconds.highest }
    }
}
