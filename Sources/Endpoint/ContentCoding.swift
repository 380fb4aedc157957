/// The negotiation of a content coding by `Accept-Encoding` (RFC 9110, section 12.5.3).
enum ContentCoding {
    case identity
    case gzip

    /// The coding that a reader likes best by the values of all its `Accept-Encoding` fields; gzip when it likes both
    /// the same.
    ///
    /// A reader that refuses both gets identity: an answer that it may be able to read is better than none.
    static func preferred(by fields: [String]) -> ContentCoding {
        var weights: [String: Int] = [:]
        for member in fields.lazy.flatMap({ $0.split(separator: ",") }) {
            guard let (coding, weight) = parse(member) else { continue }
            weights[coding] = max(weight, weights[coding] ?? 0)
        }
        guard let gzip = weights["gzip"] ?? weights["x-gzip"] ?? weights["*"], gzip > 0 else { return .identity }
        return gzip >= weights["identity"] ?? 0 ? .gzip : .identity
    }

    /// A coding in lower case with its weight in thousandths; nil when it is malformed, as if it were not there.
    private static func parse(_ member: Substring) -> (String, Int)? {
        let parts = member.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
        guard let coding = parts.first, !coding.isEmpty, parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return (coding.lowercased(), 1000) }
        guard parts[1].lowercased().hasPrefix("q=") else { return nil }
        return weight(parts[1].dropFirst(2)).map { (coding.lowercased(), $0) }
    }

    /// `0`, `0.25` or `1.000`: at most three decimals, and never more than 1.
    private static func weight(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, whole == "0" || whole == "1" else { return nil }
        let decimals = parts.count == 2 ? parts[1] : ""
        guard decimals.utf8.count <= 3, decimals.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let thousandths = Int(decimals + String(repeating: "0", count: 3 - decimals.utf8.count)) ?? 0
        let weight = (whole == "1" ? 1000 : 0) + thousandths
        return weight <= 1000 ? weight : nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
