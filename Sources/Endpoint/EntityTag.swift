/// The comparison of entity tags (RFC 9110, sections 8.8.3 and 13.1.2).
enum EntityTag {
    /// Whether `If-None-Match` names a tag, or any with `*`. The comparison is weak: `W/` makes no difference.
    ///
    /// - Parameters:
    ///   - fields: the values of all such fields; a malformed list counts as far as it could be read.
    ///   - tag: the tag of the selected representation with its quotes.
    /// - Returns: whether the reader has the representation already.
    static func matches(_ fields: [String], _ tag: String) -> Bool {
        fields.contains { field in
            var rest = field[...].utf8
            while let candidate = next(in: &rest) {
                if candidate == "*" || candidate == tag { return true }
            }
            return false
        }
    }

    /// The next opaque tag with its quotes, or `*`. Commas may stand within quotes, so this is no mere split.
    private static func next(in rest: inout Substring.UTF8View) -> Substring? {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: ",") }
        if rest.starts(with: "W/".utf8) { rest = rest.dropFirst(2) }
        if rest.first == UInt8(ascii: "*") {
            defer { rest = rest.dropFirst() }
            return Substring(rest.prefix(1))
        }
        guard rest.first == UInt8(ascii: "\"") else { return nil }
        guard let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        defer { rest = rest[end...].dropFirst() }
        return Substring(rest[...end])
    }
}
