package import Activity
import NIOCore

/// Whom a request comes from, as far as its connection and trusted proxies tell.
package enum ClientAddress: Sendable, Hashable {
    case ip(IPAddress)
    /// A process of this machine that came over a unix socket, or whoever else has no address.
    case unixSocket

    /// What counts as one client when requests are counted: a whole /64 of IPv6 belongs to one household.
    var subscriber: ClientAddress {
        guard case .ip(let address) = self, address.family == .v6 else { return self }
        return .ip(Network(of: address, prefix: 64).base)
    }
}

extension ClientAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ip(let address): address.description
        case .unixSocket: "unix"
        }
    }
}

extension ClientAddress {
    /// The other end of a connection.
    init(_ address: SocketAddress?) {
        self = address?.ipAddress.flatMap { IPAddress($0) }.map(ClientAddress.ip) ?? .unixSocket
    }
}
