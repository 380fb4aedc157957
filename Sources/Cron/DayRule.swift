/// The days on which a schedule fires.
///
/// The two fields of days are ORed unless one begins with `*`, then ANDed (Vixie cron, `crontab(5)`).
struct DayRule: Sendable, Hashable {
    var daysOfMonth: DaysOfMonth
    /// 1 to 12.
    var months: BitMask
    var daysOfWeek: DaysOfWeek

    /// Whether a day must match both fields rather than either.
    var needsBoth: Bool { daysOfMonth.isWildcard || daysOfWeek.isWildcard }

    /// The matching days, 1 to 31, of a month of `months` that begins on `firstWeekday`, 0 for Sunday.
    func days(length: Int, firstWeekday: Int) -> BitMask {
        let month = MonthShape(length: length, firstWeekday: firstWeekday)
        let byNumber = month.days(daysOfMonth)
        let byWeekday = month.days(daysOfWeek)
        return (needsBoth ? byNumber & byWeekday : byNumber | byWeekday) & .range(1...length)
    }
}

/// What the days of a month depend on.
private struct MonthShape {
    let length: Int
    let firstWeekday: Int

    func days(_ rule: DaysOfMonth) -> BitMask {
        guard !rule.isPlain else { return rule.numbered }
        var days = rule.numbered
        for number in rule.beforeLast.members where number < length { days |= .only(length - number) }
        for number in rule.nearestWeekday.members where number <= length { days |= .only(nearestWeekday(to: number)) }
        if rule.lastWeekday { days |= .only(nearestWeekday(to: length)) }
        return days
    }

    func days(_ rule: DaysOfWeek) -> BitMask {
        // Seven bits, repeated for six weeks and moved so that bit 1 is the first of the month.
        var days = ((rule.weekly &* 0x8_1020_4081) >> BitMask(firstWeekday)) << 1
        guard rule.nth | rule.last != 0 else { return days }
        for number in rule.nth.members { days |= .only(first(number % 7) + number / 7 * 7) }
        for weekday in rule.last.members { days |= .only(last(weekday)) }
        return days
    }

    /// The nearest Monday to Friday without leaving the month.
    private func nearestWeekday(to day: Int) -> Int {
        switch (firstWeekday + day - 1) % 7 {
        case 6: day > 1 ? day - 1 : day + 2
        case 0: day < length ? day + 1 : day - 2
        default: day
        }
    }

    private func first(_ weekday: Int) -> Int { 1 + (weekday - firstWeekday + 7) % 7 }

    private func last(_ weekday: Int) -> Int {
        let day = first(weekday) + 28
        return day <= length ? day : day - 7
    }
}
