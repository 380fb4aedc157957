import Activity
import Detection

extension ValueKind where Value == Double {
    /// A number with or without a fraction.
    static func number(_ range: ClosedRange<Double>) -> Self {
        let (lowest, highest) = (text(range.lowerBound), text(range.upperBound))
        return .scalar("a number from \(lowest) to \(highest)", format: text) { written in
            Double(written.trimmed).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Without a fraction that says nothing.
    private static func text(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }
}

extension ValueKind where Value == Double? {
    /// A number, or nothing at all.
    static func threshold(_ range: ClosedRange<Double>) -> Self {
        let number = ValueKind<Double>.number(range)
        return ValueKind(
            accepted: "\(number.accepted), or off",
            isList: false,
            parse: { value throws(RefusedValue) in
                if case .text(let text) = value, text.trimmed == "off" { return nil }
                return try number.parse(value)
            },
            format: { $0.map(number.format) ?? "off" },
        )
    }
}

extension ValueKind where Value == [Network] {
    /// Addresses and networks of both protocols.
    static var networks: Self {
        ValueKind(
            accepted: "a list of addresses or networks, [192.0.2.0/24, '2001:db8::1'] in YAML "
                + "and with commas elsewhere",
            isList: true,
            parse: { value throws(RefusedValue) in
                guard case .list(let elements) = value else { throw RefusedValue(value) }
                var networks: [Network] = []
                for text in elements {
                    guard let network = Network(text.trimmed) else { throw RefusedValue(text) }
                    networks.append(network)
                }
                return networks
            },
            format: { $0.map(\.description).joined(separator: ",") },
        )
    }
}

extension ValueKind where Value == Set<String> {
    /// Texts without blanks, in any order; `meaning` says what they name.
    static func names(_ meaning: String) -> Self {
        names(meaning) { !$0.isEmpty && !$0.contains(where: \.isWhitespace) }
    }

    /// Some of these texts, in any order.
    static func names(among known: [String]) -> Self {
        names(known.dropLast().joined(separator: ", ") + " or " + (known.last ?? "")) { known.contains($0) }
    }

    private static func names(_ meaning: String, isAccepted: @escaping @Sendable (String) -> Bool) -> Self {
        ValueKind(
            accepted: "a list of \(meaning), [a, b] in YAML and a,b elsewhere",
            isList: true,
            parse: { value throws(RefusedValue) in
                guard case .list(let elements) = value else { throw RefusedValue(value) }
                var names: Set<String> = []
                for text in elements {
                    guard isAccepted(text.trimmed) else { throw RefusedValue(text) }
                    names.insert(text.trimmed)
                }
                return names
            },
            format: { $0.sorted().joined(separator: ",") },
        )
    }
}
