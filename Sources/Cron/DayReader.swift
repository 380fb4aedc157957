/// Reads the two fields that name days, with what they have beyond numbers.
struct DayReader {
    let dialect: CronSchedule.Dialect

    /// The days of the month.
    func daysOfMonth(_ text: Text) throws(CronParseError) -> DaysOfMonth {
        var days = DaysOfMonth(isWildcard: text.first == UInt8(ascii: "*"))
        if text.elementsEqual("$".utf8) {
            days.beforeLast = .only(0)
            return days
        }
        let reader = FieldReader(syntax: .dayOfMonth, dialect: dialect)
        for element in try reader.elements(text) {
            if dialect == .extended, try read(element, into: &days, reader) { continue }
            days.numbered |= try reader.values(ofElement: element)
        }
        return days
    }

    /// The days of the week.
    func daysOfWeek(_ text: Text) throws(CronParseError) -> DaysOfWeek {
        var days = DaysOfWeek(isWildcard: text.first == UInt8(ascii: "*"))
        let reader = FieldReader(syntax: .dayOfWeek, dialect: dialect)
        for element in try reader.elements(text) {
            if dialect == .extended, try read(element, into: &days, reader) { continue }
            let values = try reader.values(ofElement: element)
            days.weekly |= values & .range(0...6) | values >> 7
        }
        return days
    }

    /// Reads `L`, `$`, `LW`, `L-n` or `nW`; answers whether the element is one of them.
    private func read(
        _ element: Text,
        into days: inout DaysOfMonth,
        _ reader: FieldReader,
    ) throws(CronParseError) -> Bool {
        switch String(decoding: element.lazy.map(\.lowercased), as: UTF8.self) {
        case "l", "$":
            days.beforeLast |= .only(0)
        case "lw":
            days.lastWeekday = true
        case let text where text.hasPrefix("l-"):
            let bounds = 1...30
            let accepted = "L-1 to L-30, days before the last one"
            let count = try reader.number(element.dropFirst(2), in: element, within: bounds, accepted: accepted)
            days.beforeLast |= .only(count)
        case let text where text.hasSuffix("w"):
            days.nearestWeekday |= .only(try reader.value(element.dropLast(), in: element))
        default:
            return false
        }
        return true
    }

    /// Reads `n#k` or `nL`; answers whether the element is one of them.
    private func read(
        _ element: Text,
        into days: inout DaysOfWeek,
        _ reader: FieldReader,
    ) throws(CronParseError) -> Bool {
        if let sign = element.firstIndex(of: UInt8(ascii: "#")) {
            let weekday = try reader.value(element[..<sign], in: element) % 7
            let accepted = "1 to 5 after #, as no month has a sixth"
            let count = try reader.number(element[(sign + 1)...], in: element, within: 1...5, accepted: accepted)
            days.nth |= .only((count - 1) * 7 + weekday)
            return true
        }
        guard element.count > 1, element.last?.lowercased == UInt8(ascii: "l") else { return false }
        days.last |= .only(try reader.value(element.dropLast(), in: element) % 7)
        return true
    }
}
