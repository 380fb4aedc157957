import Activity

/// The field in which proxies write whom they speak for.
///
/// Only one is read. A proxy that writes one of them passes on the other as its client sent it.
package enum ForwardedField: String, Sendable, CaseIterable {
    case xForwardedFor = "X-Forwarded-For"
    /// RFC 7239.
    case forwarded = "Forwarded"

    /// The address that an element of the list names; nil when it is malformed, unknown or hidden.
    func address(in element: Substring) -> IPAddress? {
        switch self {
        case .xForwardedFor: Self.address(ofNode: element.withoutBlanks)
        case .forwarded: Self.forParameter(of: element).flatMap(Self.address)
        }
    }

    /// The value of the only `for` among `name=value;…`, without its quotes.
    ///
    /// A comma or semicolon in quotes has torn the element apart, which leaves a quote without its other half.
    private static func forParameter(of element: Substring) -> Substring? {
        var found: Substring?
        for pair in element.split(separator: ";", omittingEmptySubsequences: false) {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let value = unquoted(sides[1].withoutBlanks) else { return nil }
            guard sides[0].withoutBlanks.lowercased() == "for" else { continue }
            guard found == nil else { return nil }
            found = value
        }
        return found
    }

    private static func unquoted(_ value: Substring) -> Substring? {
        let isQuoted = value.utf8.count >= 2 && value.first == "\"" && value.last == "\""
        let inner = isQuoted ? value.dropFirst().dropLast() : value
        return inner.contains { $0 == "\"" || $0 == "\\" } ? nil : inner
    }

    /// An address, perhaps with a port: `192.0.2.1:80`, `[2001:db8::1]:80`.
    private static func address(ofNode node: Substring) -> IPAddress? {
        let isBracketed = node.first == "["
        guard let colon = node.lastIndex(of: ":"), isBracketed ? node.last != "]" : node.firstIndex(of: ":") == colon
        else { return isBracketed || node.contains(":") ? plainAddress(node) : IPAddress(String(node)) }
        let port = node[node.index(after: colon)...]
        guard (1...5).contains(port.utf8.count), UInt16(port) != nil, port.first != "+" else { return nil }
        return plainAddress(node[..<colon])
    }

    /// Without a zone, which means something on the proxy only.
    private static func plainAddress(_ text: Substring) -> IPAddress? {
        text.contains("%") ? nil : IPAddress(String(text))
    }
}

extension Substring {
    fileprivate var withoutBlanks: Substring {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        guard let last = lastIndex(where: { !isBlank($0) }) else { return "" }
        return self[...last].drop(while: isBlank)
    }
}
