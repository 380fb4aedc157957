import Foundation

/// A random schedule that knows by itself which local times it names; shares no code with the module.
struct OracleSchedule: CustomStringConvertible {
    /// One field: its text, and the values that the text means.
    struct Field {
        var text: String
        var values: Set<Int>
    }

    var second: Field?
    var minute: Field
    var hour: Field
    var dayOfMonth: Field
    var month: Field
    var dayOfWeek: Field

    var description: String {
        [second, minute, hour, dayOfMonth, month, dayOfWeek].compactMap { $0?.text }.joined(separator: " ")
    }

    var isHourWildcard: Bool { hour.text.hasPrefix("*") }

    /// Seconds after midnight, ascending.
    var timesOfDay: [Int] {
        hour.values.flatMap { hour in
            minute.values.flatMap { minute in
                (second?.values ?? [0]).map { (hour * 60 + minute) * 60 + $0 }
            }
        }.sorted()
    }

    /// Whether the wall clock's day is one of the schedule's.
    func matches(day: Int) -> Bool {
        let parts = Self.calendar.dateComponents(
            [.month, .day, .weekday],
            from: Date(timeIntervalSince1970: Double(day) * 86_400),
        )
        guard let date = parts.day, let weekday = parts.weekday, let number = parts.month else { return false }
        guard month.values.contains(number) else { return false }
        let byDate = dayOfMonth.values.contains(date)
        let byWeekday = dayOfWeek.values.contains(weekday - 1) || (weekday == 1 && dayOfWeek.values.contains(7))
        let isAnd = dayOfMonth.text.hasPrefix("*") || dayOfWeek.text.hasPrefix("*")
        return isAnd ? byDate && byWeekday : byDate || byWeekday
    }

    /// Whether the wall clock's time, as seconds since its 1970, is one of the schedule's.
    func matches(local: Int) -> Bool {
        let time = ((local % 86_400) + 86_400) % 86_400
        return (second?.values ?? [0]).contains(time % 60) && minute.values.contains(time / 60 % 60)
            && hour.values.contains(time / 3_600) && matches(day: (local - time) / 86_400)
    }

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()
}

extension OracleSchedule {
    /// A schedule with a few fixed hours, often at night, when clocks change.
    static func fixed(_ generator: inout SeededGenerator) -> OracleSchedule {
        let hour = Int.random(in: 0..<2, using: &generator) == 0 ? Int.random(in: 0...3, using: &generator) : nil
        let hours: Field =
            if let hour { Field(text: "\(hour)", values: [hour]) } else { .list(in: 0...23, count: 2, &generator) }
        return OracleSchedule(
            minute: .list(in: 0...59, count: 2, &generator),
            hour: hours,
            dayOfMonth: .any(in: 1...31, &generator),
            month: .any(in: 1...12, &generator),
            dayOfWeek: .any(in: 0...7, &generator),
        )
    }

    /// A schedule of any kind.
    static func any(_ generator: inout SeededGenerator) -> OracleSchedule {
        OracleSchedule(
            minute: .any(in: 0...59, &generator),
            hour: .any(in: 0...23, &generator),
            dayOfMonth: .any(in: 1...31, &generator),
            month: .any(in: 1...12, &generator),
            dayOfWeek: .any(in: 0...7, &generator),
        )
    }
}

extension OracleSchedule.Field {
    /// `*`, `*/n`, a list, a range or a range with a step.
    static func any(in bounds: ClosedRange<Int>, _ generator: inout SeededGenerator) -> OracleSchedule.Field {
        let step = Int.random(in: 2...max(2, min(bounds.upperBound, 20)), using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0...2: return OracleSchedule.Field(text: "*", values: Set(bounds))
        case 3: return OracleSchedule.Field(text: "*/\(step)", values: steps(bounds, step))
        case 4, 5: return list(in: bounds, count: 3, &generator)
        default:
            let ends = [Int.random(in: bounds, using: &generator), Int.random(in: bounds, using: &generator)].sorted()
            let range = ends[0]...ends[1]
            return Bool.random(using: &generator)
                ? OracleSchedule.Field(text: "\(ends[0])-\(ends[1])", values: Set(range))
                : OracleSchedule.Field(text: "\(ends[0])-\(ends[1])/\(step)", values: steps(range, step))
        }
    }

    /// One value or several.
    static func list(
        in bounds: ClosedRange<Int>,
        count: Int,
        _ generator: inout SeededGenerator,
    ) -> OracleSchedule.Field {
        let values = (0..<Int.random(in: 1...count, using: &generator)).map { _ in
            Int.random(in: bounds, using: &generator)
        }
        return OracleSchedule.Field(text: values.map(String.init).joined(separator: ","), values: Set(values))
    }

    private static func steps(_ bounds: ClosedRange<Int>, _ step: Int) -> Set<Int> {
        Set(bounds.filter { ($0 - bounds.lowerBound) % step == 0 })
    }
}
