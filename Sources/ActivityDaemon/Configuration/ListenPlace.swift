/// Where a listener takes connections: an address, or a socket in the file system.
package enum ListenPlace: Sendable, Hashable {
    /// An address and a port.
    case address(ListenAddress)
    /// The absolute path of a socket.
    case socket(path: String)

    package static let accepted =
        ListenAddress.accepted + ", or unix: and the absolute path of a socket, such as unix:/run/activityd/http.sock"

    /// The longest path that a socket may have, in bytes. See unix(7).
    private static let longestPath = 107

    /// Reads `unix:/path`, or what ``ListenAddress`` reads; nil when it is neither.
    package init?(_ text: String) {
        guard text.hasPrefix("unix:") else {
            guard let address = ListenAddress(text) else { return nil }
            self = .address(address)
            return
        }
        let path = String(text.dropFirst("unix:".count))
        guard path.hasPrefix("/"), path.utf8.count <= Self.longestPath, !path.hasSuffix("/"), !path.utf8.contains(0)
        else { return nil }
        self = .socket(path: path)
    }

    /// Whether only processes of this machine reach it.
    package var isLocal: Bool {
        switch self {
        case .address(let address): address.isLoopback
        case .socket: true
        }
    }
}

extension ListenPlace: CustomStringConvertible {
    package var description: String {
        switch self {
        case .address(let address): address.description
        case .socket(let path): "unix:\(path)"
        }
    }
}
