/// The days of the week that a schedule names; 0 is Sunday.
struct DaysOfWeek: Sendable, Hashable {
    /// Every week, 0 to 6.
    var weekly: BitMask = 0
    /// The k-th of a month, as `(k - 1) * 7 + weekday`.
    var nth: BitMask = 0
    /// The last of a month, 0 to 6.
    var last: BitMask = 0
    /// The field begins with `*`.
    var isWildcard = false

    /// All days of the week.
    static let all = DaysOfWeek(weekly: .range(0...6), isWildcard: true)

    /// Whether no day is left out.
    var isEveryDay: Bool { weekly == .range(0...6) }
}
