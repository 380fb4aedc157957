/// Reads what all fields have in common: lists, ranges, steps, numbers and names.
///
/// Stricter than Vixie cron, which ignores what follows a number, and takes reversed ranges.
struct FieldReader {
    let syntax: FieldSyntax
    let dialect: CronSchedule.Dialect

    /// The values of a field without specials.
    func values(_ text: Text) throws(CronParseError) -> BitMask {
        var mask: BitMask = 0
        for element in try elements(text) { mask |= try values(ofElement: element) }
        return mask
    }

    /// The parts between commas.
    func elements(_ text: Text) throws(CronParseError) -> [Text] {
        let elements = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard elements.allSatisfy({ !$0.isEmpty }) else { throw refusal(text, "a value is missing beside a comma") }
        return elements
    }

    /// `*`, a value or a range, the first and the last perhaps with a step.
    func values(ofElement element: Text) throws(CronParseError) -> BitMask {
        let parts = element.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        let (range, isSingle) = try range(parts[0], in: element)
        guard parts.count == 2 else { return .range(range) }
        // 5/15 means 5-59/15 to some programs and 5 to others; Vixie cron refuses it too.
        if isSingle {
            throw refusal(element, "a step needs a range or *", accepted: "a-\(syntax.bounds.upperBound)/n or */n")
        }
        let step = try step(parts[1], in: element)
        return stride(from: range.lowerBound, through: range.upperBound, by: step).reduce(0) { $0 | .only($1) }
    }

    /// A number or name within the field's bounds; an error quotes the whole `element`.
    func value(_ text: Text, in element: Text) throws(CronParseError) -> Int {
        if let index = syntax.names.firstIndex(where: { $0.utf8.elementsEqual(text.lazy.map(\.lowercased)) }) {
            return syntax.bounds.lowerBound + index
        }
        return try number(text, in: element, within: syntax.bounds, accepted: syntax.accepted(dialect))
    }

    /// A number within bounds.
    func number(
        _ text: Text,
        in element: Text,
        within bounds: ClosedRange<Int>,
        accepted: String,
    ) throws(CronParseError) -> Int {
        guard !text.isEmpty else { throw refusal(element, "a value is missing", accepted: accepted) }
        let quoted = String(decoding: text.prefix(20), as: UTF8.self)
        guard text.allSatisfy(\.isDigit) else {
            let kind = syntax.names.isEmpty ? "number" : "number or name"
            throw refusal(element, "\(quoted) is no \(kind)", accepted: accepted)
        }
        let number = text.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1_000) }
        guard bounds.contains(number) else {
            let reason = "\(quoted) lies outside \(bounds.lowerBound) to \(bounds.upperBound)"
            throw refusal(element, reason, accepted: accepted)
        }
        return number
    }

    /// An error that quotes a part of the field.
    func refusal(_ value: Text, _ reason: String, accepted: String? = nil) -> CronParseError {
        CronParseError(syntax.field, value, reason, accepted: accepted ?? syntax.accepted(dialect))
    }

    private func range(
        _ text: Text,
        in element: Text,
    ) throws(CronParseError) -> (range: ClosedRange<Int>, isSingle: Bool) {
        if text.elementsEqual("*".utf8) { return (syntax.bounds, false) }
        let ends = text.split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        let first = try value(ends[0], in: element)
        guard ends.count == 2 else { return (first...first, true) }
        let last = try value(ends[1], in: element)
        guard first <= last else {
            throw refusal(element, "the range runs backwards", accepted: reversedHint(first, last))
        }
        return (first...last, false)
    }

    private func reversedHint(_ first: Int, _ last: Int) -> String {
        if syntax.field == .dayOfWeek, last == 0 { return "\(first)-7, as 7 is Sunday too" }
        let (low, high) = (syntax.bounds.lowerBound, syntax.bounds.upperBound)
        let around = (first == high ? "\(first)" : "\(first)-\(high)") + (last == low ? ",\(last)" : ",\(low)-\(last)")
        return "\(last)-\(first), or \(around)"
    }

    private func step(_ text: Text, in element: Text) throws(CronParseError) -> Int {
        let bounds = 1...syntax.bounds.upperBound
        return try number(text, in: element, within: bounds, accepted: "a step of 1 to \(bounds.upperBound)")
    }
}
