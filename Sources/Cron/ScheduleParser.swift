/// Reads the text of a schedule.
///
/// Source: pg_cron 1.6, `entry.c` and `TryParseInterval` in `job_metadata.c`; Vixie cron's `crontab(5)`.
struct ScheduleParser {
    let dialect: CronSchedule.Dialect

    private static let words: [(name: String, expression: String?)] = [
        ("@reboot", nil), ("@restart", nil), ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"), ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
    ]

    /// The rule that a text stands for.
    func rule(_ text: String) throws(CronParseError) -> CronSchedule.Rule {
        let bytes = Array(text.utf8)
        guard bytes.count < 1_000 else {
            let reason = "it has \(bytes.count) bytes"
            throw CronParseError(.schedule, bytes, reason, accepted: "at most 999 bytes")
        }
        let trimmed = Self.trimmed(bytes[...])
        let parts = trimmed.split { Self.isBlank($0) }
        if let rule = try interval(trimmed, parts) { return rule }
        if trimmed.first == UInt8(ascii: "@") { return try rule(ofWord: trimmed) }
        return .fields(try fields(parts, of: trimmed))
    }

    /// Reads `@daily` and the like.
    private func rule(ofWord word: Text) throws(CronParseError) -> CronSchedule.Rule {
        let isAnyCase = dialect == .extended
        let name = String(decoding: isAnyCase ? word.map(\.lowercased) : Array(word), as: UTF8.self)
        guard let match = Self.words.first(where: { $0.name == name }) else {
            let accepted = Self.words.map(\.name).joined(separator: ", ")
            throw CronParseError(.schedule, word, "there is no such word", accepted: accepted)
        }
        guard let expression = match.expression else { return .reboot }
        let bytes = Array(expression.utf8)[...]
        return .fields(try fields(bytes.split { Self.isBlank($0) }, of: bytes))
    }

    /// Reads `N seconds`; nil when the text does not look like an attempt at one.
    private func interval(_ text: Text, _ parts: [Text]) throws(CronParseError) -> CronSchedule.Rule? {
        let digits = text.prefix(while: \.isDigit)
        let isUnit = { (text: Text) in text.prefix(5).map(\.lowercased).elementsEqual("secon".utf8) }
        let unit = Self.trimmed(text.dropFirst(digits.count))
        let accepted = "1 to 59 seconds"
        guard !digits.isEmpty, isUnit(unit) else {
            guard parts.count <= 2, let last = parts.last, isUnit(last) else { return nil }
            throw CronParseError(.interval, text, "it does not begin with a whole number", accepted: accepted)
        }
        let unitName = String(decoding: unit.lazy.map(\.lowercased), as: UTF8.self)
        guard ["second", "seconds"].contains(unitName) else {
            throw CronParseError(.interval, text, "there is no such unit", accepted: accepted)
        }
        let seconds = digits.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1_000) }
        guard (1...59).contains(seconds) else {
            throw CronParseError(.interval, text, "the number lies outside 1 to 59", accepted: accepted)
        }
        return .interval(seconds: seconds)
    }

    /// Reads five fields, or six in the extended dialect.
    private func fields(_ parts: [Text], of text: Text) throws(CronParseError) -> CronFields {
        guard parts.count == 5 || parts.count == 6 && dialect == .extended else { throw wrongCount(parts.count, text) }
        let parts = parts.count == 5 ? [Array("0".utf8)[...]] + parts : parts
        let days = DayReader(dialect: dialect)
        let fields = CronFields(
            seconds: try values(.second, parts[0]),
            minutes: try values(.minute, parts[1]),
            hours: try values(.hour, parts[2]),
            dayRule: DayRule(
                daysOfMonth: try days.daysOfMonth(parts[3]),
                months: try values(.month, parts[4]),
                daysOfWeek: try days.daysOfWeek(parts[5]),
            ),
            isHourWildcard: parts[2].first == UInt8(ascii: "*"),
        )
        if let reason = fields.dayRule.impossibility { throw impossible(fields.dayRule, reason, parts) }
        return fields
    }

    private func values(_ syntax: FieldSyntax, _ text: Text) throws(CronParseError) -> BitMask {
        try FieldReader(syntax: syntax, dialect: dialect).values(text)
    }

    private func wrongCount(_ count: Int, _ text: Text) -> CronParseError {
        var accepted = "five fields: minute, hour, day of month, month, day of week"
        if dialect == .extended { accepted += "; a sixth before them for seconds" }
        let reason = "it has \(count) field\(count == 1 ? "" : "s")"
        return CronParseError(
            .schedule,
            text,
            reason,
            accepted: "\(accepted); or 1 to 59 seconds; or @daily and the like",
        )
    }

    private func impossible(_ rule: DayRule, _ reason: String, _ parts: [Text]) -> CronParseError {
        let isByWeekday = rule.daysOfMonth.isEveryDay
        return CronParseError(
            isByWeekday ? .dayOfWeek : .dayOfMonth,
            isByWeekday ? parts[5] : parts[3],
            reason,
            accepted: "a day that occurs in one of the months",
        )
    }

    /// What separates fields.
    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// The text without blanks and line ends around it.
    private static func trimmed(_ text: Text) -> Text {
        let isSpace = { isBlank($0) || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let end = text.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? text.startIndex
        return text[..<end].drop(while: isSpace)
    }
}
