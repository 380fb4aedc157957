/// English for the parts of a schedule.
enum Wording {
    /// January first.
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// By number: 0 and 7 are Sunday.
    static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    /// From 1 on; the fifth is the last that a month can have.
    static let ordinals = ["", "first", "second", "third", "fourth", "fifth"]

    /// `a`, `a and b`, `a, b and c`.
    static func list(_ items: [String], joiner: String) -> String {
        guard items.count > 1, let last = items.last else { return items.first ?? "" }
        return "\(items.dropLast().joined(separator: ", ")) \(joiner) \(last)"
    }

    /// The members of a set, each run of three or more as `a to b`.
    static func runs(_ mask: BitMask, name: (Int) -> String = { String($0) }) -> [String] {
        var items: [String] = []
        var from = 0
        while let first = mask.first(from: from) {
            var last = first
            while mask.first(from: last + 1) == last + 1 { last += 1 }
            items += last - first > 1 ? ["\(name(first)) to \(name(last))"] : (first...last).map(name)
            from = last + 1
        }
        return items
    }

    /// `minute 5`, `minutes 0 and 30`.
    static func counted(_ noun: String, _ mask: BitMask) -> String {
        "\(noun)\(mask.nonzeroBitCount == 1 ? "" : "s") \(list(runs(mask), joiner: "and"))"
    }

    /// Names of months.
    static func months(_ mask: BitMask) -> String {
        list(runs(mask) { months[$0 - 1] }, joiner: "and")
    }

    /// Names of days of the week, 0 to 6 for Sunday to Saturday; the week begins on Monday.
    static func weekdays(_ mask: BitMask) -> [String] {
        let fromMonday = mask & ~1 | (mask & 1) << 7
        return runs(fromMonday) { weekdays[$0] }
    }
}
