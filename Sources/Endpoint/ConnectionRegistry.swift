import NIOCore
import Synchronization

/// The open connections: how many there may be, and how draining can reach them.
final class ConnectionRegistry: Sendable {
    /// What becomes of a new connection.
    enum Verdict {
        case admitted
        /// Not served, but told so.
        case turnedAway
        case refused
    }

    private struct State {
        var connections: [ObjectIdentifier: any Channel] = [:]
        var counts: [ClientAddress: Int] = [:]
        var turnedAway = 0
        var isClosed = false
    }

    /// Those that are told so at a time; who comes beyond is refused without a word.
    private static let turnedAwayLimit = 256

    private let limit: Int
    private let limitPerAddress: Int
    private let exempt: ClientList
    private let state = Mutex(State())

    /// Connections that are open.
    var count: Int { state.withLock { $0.connections.count } }

    /// No connections. Trusted proxies may have as many as they like.
    init(_ configuration: EndpointConfiguration) {
        limit = configuration.connections
        limitPerAddress = configuration.connectionsPerAddress
        exempt = configuration.rules.proxies.proxies
    }

    /// Decides about a connection, and counts it until it closes.
    func admit(_ channel: any Channel, from peer: ClientAddress) -> Verdict {
        let isCounted = peer != .unixSocket && !exempt.contains(peer)
        let subscriber = isCounted ? peer.subscriber : nil
        let verdict = state.withLock { admit(channel, subscriber, in: &$0) }
        if verdict != .refused {
            channel.closeFuture.whenComplete { _ in
                self.state.withLock { Self.forget(channel, subscriber, verdict, in: &$0) }
            }
        }
        return verdict
    }

    private func admit(_ channel: any Channel, _ subscriber: ClientAddress?, in state: inout State) -> Verdict {
        if state.isClosed { return .refused }
        if let subscriber, state.counts[subscriber, default: 0] >= limitPerAddress { return .refused }
        guard state.connections.count < limit else {
            guard state.turnedAway < Self.turnedAwayLimit else { return .refused }
            state.turnedAway += 1
            return .turnedAway
        }
        state.connections[ObjectIdentifier(channel)] = channel
        if let subscriber { state.counts[subscriber, default: 0] += 1 }
        return .admitted
    }

    private static func forget(
        _ channel: any Channel,
        _ subscriber: ClientAddress?,
        _ verdict: Verdict,
        in state: inout State,
    ) {
        guard verdict == .admitted else { return state.turnedAway -= 1 }
        state.connections[ObjectIdentifier(channel)] = nil
        guard let subscriber, let count = state.counts[subscriber] else { return }
        state.counts[subscriber] = count > 1 ? count - 1 : nil
    }

    /// Takes no more connections, lets each finish what it is at, and closes what is still open after a while.
    func drain(within limit: TimeAmount, on loop: any EventLoop) async {
        let connections = state.withLock { state in
            state.isClosed = true
            return Array(state.connections.values)
        }
        for connection in connections {
            connection.pipeline.fireUserInboundEventTriggered(RequestHandler.DrainRequested())
        }
        let cutOff = loop.scheduleTask(in: limit) {
            for connection in connections { connection.close(promise: nil) }
        }
        try? await EventLoopFuture.andAllComplete(connections.map(\.closeFuture), on: loop).get()
        cutOff.cancel()
    }
}
