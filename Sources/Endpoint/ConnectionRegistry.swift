import NIOCore
import Synchronization

/// The open connections, so that draining can reach them.
final class ConnectionRegistry: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Connections that are open.
    var count: Int { state.withLock { $0.connections.count } }

    /// Remembers a connection until it closes.
    ///
    /// - Returns: false when no more are taken.
    func admit(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isAdmitted = state.withLock { state in
            if !state.isClosed { state.connections[id] = channel }
            return !state.isClosed
        }
        if isAdmitted {
            channel.closeFuture.whenComplete { _ in
                self.state.withLock { $0.connections[id] = nil }
            }
        }
        return isAdmitted
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
