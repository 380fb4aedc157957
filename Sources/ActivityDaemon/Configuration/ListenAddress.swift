import Glibc

/// Where a listener binds: a host name or literal address, and a port.
package struct ListenAddress: Sendable, Hashable {
    /// A host name, an IPv4 address, or an IPv6 address without brackets.
    package let host: String
    /// 1 to 65535, or 0 for a free one that the kernel chooses.
    package let port: Int

    package static let accepted =
        "host:port or [IPv6 address]:port, such as 127.0.0.1:3000, with a port from 1 to 65535 or 0 for any free one"

    /// 127.0.0.1:3000.
    package static let standard = ListenAddress(host: "127.0.0.1", port: 3000)

    /// 127.0.0.1:3001.
    package static let standardAdmin = ListenAddress(host: "127.0.0.1", port: 3001)

    private init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port` or `[v6]:port`; nil when it is neither.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            self.host = String(host.dropFirst().dropLast())
            guard Self.ipv6(self.host) != nil else { return nil }
        } else {
            self.host = String(host)
            guard Self.ipv4(self.host) != nil || Self.isName(host) else { return nil }
        }
        self.port = port
    }

    /// Whether only processes of this machine reach it: `localhost`, 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104.
    package var isLoopback: Bool {
        if let octets = Self.ipv4(host) {
            return octets.first == 127
        }
        if let octets = Self.ipv6(host) {
            let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF, 127]
            return octets == Array(repeating: 0, count: 15) + [1] || octets.starts(with: mapped)
        }
        return host.lowercased() == "localhost"
    }

    /// Digits only: `Int` would take a sign too.
    private static func port(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy(isDigit), let port = Int(digits), port <= 65_535 else { return nil }
        return port
    }

    /// A name whose last label is a number is refused: resolvers read `0` and `127.1` as addresses of four octets.
    private static func isName(_ host: Substring) -> Bool {
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let areLabels = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.allSatisfy(isNameByte)
        }
        let isNumber = labels.last?.allSatisfy(isDigit) ?? true
        return areLabels && !isNumber && host.utf8.count <= 253
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        return isLetter || isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func ipv4(_ text: String) -> [UInt8]? {
        octets(text, family: AF_INET, count: 4)
    }

    private static func ipv6(_ text: String) -> [UInt8]? {
        octets(text, family: AF_INET6, count: 16)
    }

    private static func octets(_ text: String, family: Int32, count: Int) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &octets) == 1 ? octets : nil
    }
}

extension ListenAddress: CustomStringConvertible {
    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
