/// The parameters of a query string, taken one by one by the route that knows them.
///
/// Nothing is ignored: a malformed, repeated or unknown parameter is refused with its name, its value and what is
/// accepted.
struct QueryParameters {
    private var given: [(name: String, value: String)] = []
    private var known: [String] = []

    /// Decodes `name=value` pairs.
    init(_ query: Substring) throws(Problem) {
        guard !query.isEmpty else { return }
        for pair in query.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count == 2 ? sides[1] : ""
            guard let name = PercentEncoding.decode(sides[0], plusIsSpace: true) else {
                throw .badParameter(String(sides[0]), String(value), accepted: "names in UTF-8, percent-encoded")
            }
            guard let decoded = PercentEncoding.decode(value, plusIsSpace: true) else {
                throw .badParameter(name, String(value), accepted: "UTF-8, percent-encoded")
            }
            given.append((name, decoded))
        }
    }

    /// A whole number, or its default when it is not given.
    mutating func integer(_ name: String, default: Int?, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = try take(name) else { return `default` }
        let isDigits = !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isDigits, let number = Int(text), range.contains(number) else {
            let end = range.upperBound == .max ? "" : " to \(range.upperBound)"
            throw .badParameter(name, text, accepted: "whole numbers from \(range.lowerBound)\(end)")
        }
        return number
    }

    /// A name of 1 to 255 characters, nil when it is not given.
    mutating func name(_ name: String) throws(Problem) -> String? {
        guard let text = try take(name) else { return nil }
        guard QueryParameter.nameLength.contains(text.unicodeScalars.count) else {
            throw .badParameter(name, text, accepted: "names of 1 to 255 characters")
        }
        return text
    }

    /// One of some words, nil when it is not given.
    mutating func word(_ name: String, among words: [String]) throws(Problem) -> String? {
        guard let text = try take(name) else { return nil }
        guard words.contains(text) else {
            throw .badParameter(name, text, accepted: words.filter { !$0.isEmpty }.joined(separator: ", "))
        }
        return text
    }

    /// Refuses what no route asked for.
    func finish() throws(Problem) {
        guard let unknown = given.first(where: { !known.contains($0.name) }) else { return }
        let accepted = known.isEmpty ? "no parameters" : known.joined(separator: ", ")
        throw .unknownParameter(unknown.name, unknown.value, accepted: accepted)
    }

    private mutating func take(_ name: String) throws(Problem) -> String? {
        known.append(name)
        let values = given.lazy.filter { $0.name == name }.map(\.value)
        guard values.count <= 1 else {
            throw .badParameter(name, values.joined(separator: "\", \""), accepted: "a single value")
        }
        return values.first
    }
}
