extension ValueKind where Value == Int {
    static func wholeNumber(_ range: ClosedRange<Int>) -> Self {
        .scalar("a whole number from \(range.lowerBound) to \(range.upperBound)", format: \.description) { text in
            Int(text.trimmed).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ValueKind where Value == [Int] {
    /// Numbers in any order, which are sorted and freed from duplicates.
    static func wholeNumbers(each range: ClosedRange<Int>) -> Self {
        let element = ValueKind<Int>.wholeNumber(range)
        return ValueKind(
            accepted: "a list of whole numbers from \(range.lowerBound) to \(range.upperBound), "
                + "[1, 7] in YAML and 1,7 elsewhere",
            isList: true,
            parse: { value throws(RefusedValue) in
                guard case .list(let elements) = value else { throw RefusedValue(value) }
                var numbers: Set<Int> = []
                for text in elements {
                    numbers.insert(try element.parse(.text(text)))
                }
                return numbers.sorted()
            },
            format: { $0.map(\.description).joined(separator: ",") },
        )
    }
}

extension ValueKind where Value == Duration {
    /// The interval form of a pg_cron schedule: any case, blanks tolerated.
    static func secondsInterval(_ range: ClosedRange<Int>) -> Self {
        .scalar(
            "an interval of \(range.lowerBound) to \(range.upperBound) seconds, such as \"10 seconds\"",
            format: { $0 == .seconds(1) ? "1 second" : "\($0.components.seconds) seconds" },
            convert: { text in
                let words = text.lowercased().split(whereSeparator: \.isWhitespace)
                guard words.count == 2, ["second", "seconds"].contains(words[1]), let count = Int(words[0]),
                    range.contains(count)
                else { return nil }
                return .seconds(count)
            },
        )
    }
}
