extension DayRule {
    /// Why the schedule can never fire, such as `day 30 never occurs in February`; nil when it can.
    ///
    /// In the 400 years after which the calendar repeats, each month, and each February of 29 days, begins on each
    /// day of the week; so it is enough to look at all of these.
    var impossibility: String? {
        guard !months.members.contains(where: occurs(inMonth:)) else { return nil }
        let names = Wording.list(months.members.map { Wording.months[$0 - 1] }, joiner: "or")
        guard daysOfMonth.isPlain, !daysOfMonth.numbered.members.contains(where: occurs(dayOfMonth:)) else {
            return "no such day ever occurs in \(names)"
        }
        let days = daysOfMonth.numbered.members
        let numbers = Wording.list(days.map(String.init), joiner: "and")
        return days.count == 1 ? "day \(numbers) never occurs in \(names)" : "days \(numbers) never occur in \(names)"
    }

    private func occurs(inMonth month: Int) -> Bool {
        let longest = CivilDate.longestLength(ofMonth: month)
        return ((month == 2 ? 28 : longest)...longest).contains { length in
            (0..<7).contains { days(length: length, firstWeekday: $0) != 0 }
        }
    }

    private func occurs(dayOfMonth day: Int) -> Bool {
        months.members.contains { day <= CivilDate.longestLength(ofMonth: $0) }
    }
}
