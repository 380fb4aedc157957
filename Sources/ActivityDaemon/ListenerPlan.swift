import Endpoint
import Systemd

/// Where the daemon listens: on sockets that were handed over, and where it was given none of a kind, as configured.
struct ListenerPlan: Sendable {
    let listeners: [Listener]
    /// Whether other machines may connect somewhere.
    let isReachedByOthers: Bool

    /// A plan.
    ///
    /// - Parameters:
    ///   - configuration: where to listen.
    ///   - sockets: handed over by the service manager.
    /// - Throws: `HandedSocketRefusal` when a socket has a name that is not known, does not listen, or is open to others
    ///   who need no token.
    init(_ configuration: DaemonConfiguration, _ sockets: [HandedSocket]) throws(HandedSocketRefusal) {
        let http = configuration.http
        let isProtected = http.allowAnonymous || !http.tokens.isEmpty
        var listeners: [Listener] = []
        for socket in sockets { listeners.append(try Self.listener(on: socket, isProtected: isProtected)) }
        var isReachedByOthers = sockets.contains { !$0.isLocal }
        let configured: [(Listener.Role, ListenPlace?)] = [(.http, http.listen), (.admin, http.adminListen)]
        for (role, place) in configured {
            guard let place, !listeners.contains(where: { $0.role == role }) else { continue }
            listeners.append(Listener(role, Listener.Place(place, http.socketMode)))
            isReachedByOthers = isReachedByOthers || !place.isLocal
        }
        self.listeners = listeners
        self.isReachedByOthers = isReachedByOthers
    }

    private static func listener(
        on socket: HandedSocket,
        isProtected: Bool,
    ) throws(HandedSocketRefusal) -> Listener {
        guard let role = Listener.Role(rawValue: socket.name) else { throw HandedSocketRefusal(socket, .unknownName) }
        guard socket.isListening else { throw HandedSocketRefusal(socket, .notListening) }
        guard socket.isLocal || isProtected else { throw HandedSocketRefusal(socket, .exposed) }
        return Listener(role, .descriptor(socket.descriptor))
    }
}

extension Listener.Place {
    fileprivate init(_ place: ListenPlace, _ mode: FileMode) {
        switch place {
        case .address(let address): self = .tcp(host: address.host, port: address.port)
        case .socket(let path): self = .unix(path: path, mode: mode.bits)
        }
    }
}

/// Why a socket that was handed over is not listened on.
struct HandedSocketRefusal: Error, CustomStringConvertible {
    /// What is wrong.
    enum Reason: Sendable {
        case unknownName, notListening, exposed
    }

    /// What is wrong.
    let reason: Reason
    private let name: String

    fileprivate init(_ socket: HandedSocket, _ reason: Reason) {
        name = socket.name
        self.reason = reason
    }

    var description: String {
        switch reason {
        case .unknownName:
            "a socket called \"\(name)\" was handed over; accepted: FileDescriptorName=http or FileDescriptorName=admin"
        case .notListening:
            "the socket \"\(name)\" that was handed over takes no connections; accepted: ListenStream= with Accept=no"
        case .exposed:
            "other machines reach the socket \"\(name)\" that was handed over without a token; accepted: a loopback "
                + "address or a path, or any with http.tokens or http.allowAnonymous: true"
        }
    }
}
