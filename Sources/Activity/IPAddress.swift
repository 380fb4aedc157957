/// An address as the log has it, when it is one: IPv4 in four decimal parts (RFC 791) or IPv6 (RFC 4291, section 2.2).
///
/// Directus stores opaque text. A zone (`%eth0`) and brackets are left out; an IPv4 address that was mapped into IPv6
/// (`::ffff:10.0.0.1`) is the IPv4 address. Everything else is no address, in particular parts with leading zeros, which
/// programs read differently.
public struct IPAddress: Sendable, Hashable {
    /// Which of the two protocols.
    public enum Family: Sendable, Hashable {
        case v4, v6

        /// Bits of an address.
        public var width: Int { self == .v4 ? 32 : 128 }
    }

    /// Which of the two protocols.
    public let family: Family
    /// The address as a number; that of IPv4 has 32 bits.
    let bits: UInt128

    init(family: Family, bits: UInt128) {
        self.family = family
        self.bits = bits
    }

    /// An address from text, or nil for anything else.
    public init?(_ text: String) {
        var rest = Substring(text)
        if rest.first == "[", rest.last == "]" { rest = rest.dropFirst().dropLast() }
        if let four = Self.parseV4(rest) {
            self.init(family: .v4, bits: UInt128(four))
            return
        }
        if let zone = rest.firstIndex(of: "%") {
            guard rest.index(after: zone) < rest.endIndex else { return nil }
            rest = rest[..<zone]
        }
        guard let six = Self.parseV6(rest) else { return nil }
        self = six >> 32 == 0xFFFF ? Self(family: .v4, bits: six & 0xFFFF_FFFF) : Self(family: .v6, bits: six)
    }

    private static func parseV4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        return parts.reduce(0 as UInt32?) { address, part in
            guard let address, (1...3).contains(part.utf8.count), part == "0" || part.first != "0",
                part.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let byte = UInt8(part)
            else { return nil }
            return address << 8 | UInt32(byte)
        }
    }

    /// Groups before and after `::`, which stands for one group of zeros at least.
    private static func parseV6(_ text: Substring) -> UInt128? {
        guard let gap = text.firstRange(of: "::") else {
            return groups(of: text).flatMap { $0.count == 8 ? number($0) : nil }
        }
        guard let head = gap.lowerBound == text.startIndex ? [] : groups(of: text[..<gap.lowerBound], isEnd: false),
            let tail = gap.upperBound == text.endIndex ? [] : groups(of: text[gap.upperBound...]),
            head.count + tail.count < 8
        else { return nil }
        return number(head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    /// Hexadecimal groups; the last of an address may be in IPv4's notation, which makes two.
    private static func groups(of text: Substring, isEnd: Bool = true) -> [UInt16]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, let four = parseV4(part) {
                groups += [UInt16(four >> 16), UInt16(truncatingIfNeeded: four)]
                continue
            }
            guard (1...4).contains(part.utf8.count), part.first != "+", let group = UInt16(part, radix: 16) else {
                return nil
            }
            groups.append(group)
        }
        return groups
    }

    private static func number(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text (RFC 5952): small letters, the longest run of zero groups left out, the first of equals.
    public var description: String {
        guard family == .v6 else {
            return stride(from: 24, through: 0, by: -8).map { "\((bits >> UInt128($0)) & 0xFF)" }.joined(separator: ".")
        }
        let groups = stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: bits >> UInt128($0)) }
        let gap = Self.longestZeros(groups)
        guard gap.count > 1 else { return Self.text(groups[...]) }
        return Self.text(groups[..<gap.lowerBound]) + "::" + Self.text(groups[gap.upperBound...])
    }

    private static func text(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 { start = index + 1 }
            if index + 1 - start > longest.count { longest = start..<(index + 1) }
        }
        return longest
    }
}
