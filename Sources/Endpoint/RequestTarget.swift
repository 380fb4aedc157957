/// The target of a request, split at its question mark.
struct RequestTarget {
    /// The path, still encoded.
    let path: Substring
    /// What follows the question mark, still encoded; empty when there is none.
    let query: Substring

    /// Splits origin form (`/path?query`) and absolute form (`http://host/path?query`) alike.
    init(_ text: String) {
        let origin = Self.withoutAuthority(text)
        let mark = origin.utf8.firstIndex(of: UInt8(ascii: "?"))
        path = origin[..<(mark ?? origin.endIndex)]
        query = mark.map { origin[origin.utf8.index(after: $0)...] } ?? ""
    }

    /// A server must understand the form that is meant for proxies (RFC 9112, section 3.2.2).
    private static func withoutAuthority(_ text: String) -> Substring {
        guard !text.utf8.starts(with: "/".utf8) else { return text[...] }
        let scheme = "http://"
        guard text.lowercased().hasPrefix(scheme) else { return text[...] }
        let authority = text.dropFirst(scheme.count)
        return authority.utf8.firstIndex { $0 == UInt8(ascii: "/") }.map { authority[$0...] } ?? "/"
    }
}
