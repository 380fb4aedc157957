/// A part of a schedule's text.
typealias Text = ArraySlice<UInt8>

/// What one field of a cron expression may hold.
struct FieldSyntax: Sendable {
    let field: CronParseError.Field
    /// The numbers that may be written.
    let bounds: ClosedRange<Int>
    /// Names of the numbers from the lower bound on, in small letters.
    var names: [String] = []
    /// What pg_cron has beyond numbers.
    var special = ""
    /// What the extended dialect has beyond that.
    var extendedSpecial = ""

    static let second = FieldSyntax(field: .second, bounds: 0...59)
    static let minute = FieldSyntax(field: .minute, bounds: 0...59)
    static let hour = FieldSyntax(field: .hour, bounds: 0...23)
    static let dayOfMonth = FieldSyntax(
        field: .dayOfMonth,
        bounds: 1...31,
        special: ", $ alone for the last day",
        extendedSpecial: ", L or $ for the last day, L-3, LW, 15W",
    )
    static let month = FieldSyntax(
        field: .month,
        bounds: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    )
    static let dayOfWeek = FieldSyntax(
        field: .dayOfWeek,
        bounds: 0...7,
        names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
        extendedSpecial: ", MON#2 for the second Monday, FRIL for the last Friday of a month",
    )

    /// What is accepted, for error messages.
    func accepted(_ dialect: CronSchedule.Dialect) -> String {
        var values = "\(bounds.lowerBound) to \(bounds.upperBound)"
        if let first = names.first, let last = names.last {
            values += " or \(first.uppercased()) to \(last.uppercased())"
        }
        let special = dialect == .extended && !extendedSpecial.isEmpty ? extendedSpecial : special
        return "\(values), lists (a,b), ranges (a-b), steps (*/n, a-b/n)\(special)"
    }
}
