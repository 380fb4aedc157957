import Pipeline

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

extension ValueKind where Value == FactRetention {
    /// Days, or one of the two ways to do without a number.
    static var factRetention: Self {
        let days = ValueKind<Int>.wholeNumber(FactRetention.acceptedDays)
        return ValueKind(
            accepted: "keep, mirror, or \(days.accepted)",
            isList: false,
            parse: { value throws(RefusedValue) in
                switch value {
                case .text(let text) where text.trimmed == "keep": .keep
                case .text(let text) where text.trimmed == "mirror": .mirror
                default: .days(try days.parse(value))
                }
            },
            format: { retention in
                switch retention {
                case .keep: "keep"
                case .mirror: "mirror"
                case .days(let count): "\(count)"
                }
            },
        )
    }
}
