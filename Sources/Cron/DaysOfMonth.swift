/// The days of the month that a schedule names.
struct DaysOfMonth: Sendable, Hashable {
    /// Days by number, 1 to 31.
    var numbered: BitMask = 0
    /// Days counted from the end: 0 is the last day, 1 the one before.
    var beforeLast: BitMask = 0
    /// Days whose nearest Monday to Friday of the same month is meant.
    var nearestWeekday: BitMask = 0
    /// The last Monday to Friday of the month.
    var lastWeekday = false
    /// The field begins with `*`.
    var isWildcard = false

    /// All days of every month.
    static let all = DaysOfMonth(numbered: .range(1...31), isWildcard: true)

    /// Nothing but numbered days.
    var isPlain: Bool { beforeLast == 0 && nearestWeekday == 0 && !lastWeekday }

    /// Whether no day is left out.
    var isEveryDay: Bool { numbered == .range(1...31) }
}
