/// A range of addresses in CIDR notation (RFC 4632): `192.0.2.0/24`, `2001:db8::/32`.
public struct Network: Sendable, Hashable {
    /// Its first address.
    public let base: IPAddress
    /// How many bits are common to its addresses.
    public let prefix: Int

    /// The network of so many bits that an address belongs to; an address has no more bits than its family.
    public init(of address: IPAddress, prefix: Int) {
        let width = address.family.width
        self.prefix = min(max(prefix, 0), width)
        let host = UInt128(width - self.prefix)
        base = IPAddress(family: address.family, bits: host == 128 ? 0 : (address.bits >> host) << host)
    }

    /// A network from text: an address, or an address and `/` and a number of bits. Host bits are left out.
    ///
    /// `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        guard parts.count == 2 else {
            self.init(of: address, prefix: address.family.width)
            return
        }
        guard let bits = Int(parts[1]), parts[1].utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        let prefix = address.family == .v4 && first.contains(":") ? bits - 96 : bits
        guard 0...address.family.width ~= prefix else { return nil }
        self.init(of: address, prefix: prefix)
    }

    /// Whether an address lies within it; a network of one protocol contains no address of the other.
    public func contains(_ address: IPAddress) -> Bool {
        Network(of: address, prefix: prefix) == self
    }

    /// Whether all of another network lies within it.
    public func contains(_ other: Network) -> Bool {
        other.prefix >= prefix && contains(other.base)
    }
}

extension Network: CustomStringConvertible {
    /// CIDR notation.
    public var description: String { "\(base)/\(prefix)" }
}
