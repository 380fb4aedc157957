import Activity

/// The value of a `Host` field: a name or an address, and perhaps a port (RFC 9110, section 7.2).
enum HostName {
    /// Whether there is nothing in it that somebody else could read differently. An empty one is well-formed.
    static func isWellFormed(_ value: String) -> Bool {
        guard let (host, port) = split(value) else { return false }
        return port.allSatisfy(isDigit) && host.allSatisfy(isAllowed)
    }

    /// Whether it is an address or a name of this machine. Nobody else's name server can have it mean another machine.
    static func isAddress(_ value: String) -> Bool {
        guard let (host, _) = split(value) else { return false }
        let text = String(host.drop { $0 == UInt8(ascii: "[") }.prefix { $0 != UInt8(ascii: "]") }) ?? ""
        return text == "localhost" || text.hasSuffix(".localhost") || IPAddress(text) != nil
    }

    /// What is before the port, and the digits of the port; nil when a bracket does not close.
    private static func split(_ value: String) -> (host: Substring.UTF8View, port: Substring.UTF8View)? {
        let bytes = value.utf8[...]
        guard bytes.first == UInt8(ascii: "[") else {
            let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            return (bytes[..<end], bytes[end...].dropFirst())
        }
        guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
        let rest = bytes[end...].dropFirst()
        guard rest.isEmpty || rest.first == UInt8(ascii: ":") else { return nil }
        return (bytes[...end], rest.dropFirst())
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    /// The characters of registered names and of addresses in brackets (RFC 3986, section 3.2.2); a comma joins fields.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case _ where isDigit(byte): true
        default: "-._~%!$&'()*+;=:[]".utf8.contains(byte)
        }
    }
}
