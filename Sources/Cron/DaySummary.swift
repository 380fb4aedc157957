/// The days of a schedule in words.
struct DaySummary {
    let rule: DayRule

    /// Such as `on the last day of every month`; nil when no day is left out.
    var text: String? {
        let (byNumber, byWeekday) = (rule.daysOfMonth, rule.daysOfWeek)
        switch (byNumber.isEveryDay, byWeekday.isEveryDay) {
        case (true, true): return isEveryMonth ? nil : "in \(months)"
        case (false, true) where rule.needsBoth: return "on \(monthDays)"
        case (true, false) where rule.needsBoth: return "on \(weekDays)"
        case (false, false) where rule.needsBoth: return "on \(monthDays) if that is \(weekdayCondition)"
        case (false, false): return "on \(monthDays), and on \(weekDays)"
        default: return isEveryMonth ? nil : "in \(months)"
        }
    }

    private var isEveryMonth: Bool { rule.months == .range(1...12) }

    private var months: String { Wording.months(rule.months) }

    private var ofMonths: String { isEveryMonth ? "of every month" : "of \(months)" }

    private var monthDays: String {
        let days = rule.daysOfMonth
        var items: [String] = []
        if days.numbered != 0 { items.append(Wording.counted("day", days.numbered)) }
        items += days.nearestWeekday.members.map { "the weekday nearest to day \($0)" }
        if days.lastWeekday { items.append("the last weekday") }
        items += days.beforeLast.members.reversed().map(Self.beforeLast)
        return "\(Wording.list(items, joiner: "and")) \(ofMonths)"
    }

    private var weekDays: String {
        let (weekly, monthly) = (Wording.weekdays(rule.daysOfWeek.weekly), monthlyWeekdays)
        guard !monthly.isEmpty else {
            return Wording.list(weekly, joiner: "and") + (isEveryMonth ? "" : " in \(months)")
        }
        let ofMonth = "\(Wording.list(monthly, joiner: "and")) \(ofMonths)"
        if weekly.isEmpty { return ofMonth }
        return "\(Wording.list(weekly, joiner: "and"))\(isEveryMonth ? "" : " in \(months)"), and on \(ofMonth)"
    }

    private var weekdayCondition: String {
        let names = rule.daysOfWeek.weekly.members.map { Wording.weekdays[$0] }
        return Wording.list(names + monthlyWeekdays.map { "\($0) of the month" }, joiner: "or")
    }

    private var monthlyWeekdays: [String] {
        rule.daysOfWeek.nth.members.map { "the \(Wording.ordinals[$0 / 7 + 1]) \(Wording.weekdays[$0 % 7])" }
            + rule.daysOfWeek.last.members.map { "the last \(Wording.weekdays[$0])" }
    }

    private static func beforeLast(_ count: Int) -> String {
        switch count {
        case 0: "the last day"
        case 1: "the day before the last"
        default: "the day \(count) days before the last"
        }
    }
}
