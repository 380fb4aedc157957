package import Activity

/// Clients by their networks; those of a unix socket only when it says so.
package struct ClientList: Sendable, Hashable {
    /// The networks, in the order in which they were written.
    package private(set) var networks: [Network] = []
    /// Whether whoever comes over a unix socket is on the list.
    package private(set) var hasUnixSocket = false

    /// What stands for clients of a unix socket.
    private static let unixSocket = "unix"

    /// What each element may be, in words.
    package static let accepted = "addresses, networks, or \(unixSocket) for clients of the unix socket"

    /// Nobody.
    package init() {}

    /// Adds an element as it was written.
    ///
    /// - Returns: false when it is neither an address, a network, nor `unix`.
    package mutating func add(_ text: String) -> Bool {
        if text == Self.unixSocket {
            hasUnixSocket = true
            return true
        }
        guard let network = Network(text) else { return false }
        if !networks.contains(network) { networks.append(network) }
        return true
    }

    package var isEmpty: Bool { networks.isEmpty && !hasUnixSocket }

    func contains(_ client: ClientAddress) -> Bool {
        switch client {
        case .ip(let address): networks.contains { $0.contains(address) }
        case .unixSocket: hasUnixSocket
        }
    }
}

extension ClientList: CustomStringConvertible {
    /// As the configuration has it.
    package var description: String {
        (networks.map(\.description) + (hasUnixSocket ? [Self.unixSocket] : [])).joined(separator: ",")
    }
}
