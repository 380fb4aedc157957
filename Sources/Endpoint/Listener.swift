package import NIOCore
import NIOHTTP1

/// Where the endpoint takes connections, and what it serves on them.
package struct Listener: Sendable, Hashable {
    /// What is served.
    package enum Role: String, Sendable, Hashable, CaseIterable {
        /// Everything but metrics.
        case http
        /// Metrics, health, and what changes something.
        case admin
    }

    /// Where connections come from.
    package enum Place: Sendable, Hashable {
        /// A host name or address, and a port; 0 for any that is free.
        case tcp(host: String, port: Int)
        /// A socket in the file system with these permissions. What a dead process left there is replaced; the file is
        /// removed at the end.
        case unix(path: String, mode: UInt32)
        /// A socket that listens already, handed over by whoever started this process. It is closed at the end, and
        /// listens on if others hold it, too.
        case descriptor(CInt)
    }

    /// What is served.
    package var role: Role
    /// Where connections come from.
    package var place: Place

    /// A listener from its parts.
    package init(_ role: Role, _ place: Place) {
        self.role = role
        self.place = place
    }

    /// A listener that takes connections.
    package struct Bound: Sendable {
        /// What is served.
        package let role: Role
        /// Where.
        package let address: SocketAddress
    }
}

extension Listener.Place: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let host, let port): "host \(host), port \(port)"
        case .unix(let path, _): "socket \(path)"
        case .descriptor(let number): "descriptor \(number)"
        }
    }
}

extension Listener.Role {
    /// Whether a route is served here.
    func serves(_ route: Route) -> Bool {
        switch self {
        case .http: route != .metrics
        case .admin: [.health, .live, .ready, .metrics].contains(route) || route.method != .GET
        }
    }
}

extension [Listener.Bound] {
    /// The first place of a role.
    package func address(of role: Listener.Role) -> SocketAddress? {
        first { $0.role == role }?.address
    }
}
