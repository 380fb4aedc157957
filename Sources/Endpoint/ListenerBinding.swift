import Glibc
import NIOCore
import NIOPosix

/// A listener that takes connections, and what is to be done once it takes no more.
struct ListenerBinding: Sendable {
    let listener: Listener
    let channel: any Channel
    private let file: UnixSocket?

    /// Connections that may wait to be accepted: as many as Linux lets wait by default, and as activityd.socket asks for.
    private static let backlog: CInt = 4096
    private static let lookInterval = TimeAmount.milliseconds(20)

    /// Listens.
    ///
    /// - Throws: what the system, the resolver or the socket's file has against it.
    init(_ listener: Listener, _ bootstrap: ServerBootstrap) async throws {
        self.listener = listener
        let bootstrap = bootstrap.serverChannelOption(.backlog, value: Self.backlog)
        switch listener.place {
        case .tcp(let host, let port):
            file = nil
            channel = try await bootstrap.bind(host: host, port: port).get()
        case .unix(let path, let mode):
            let file = try UnixSocket(bindingTo: path, mode: mode)
            self.file = file
            channel = try await Self.adopt(file.descriptor, bootstrap)
        case .descriptor(let descriptor):
            file = nil
            channel = try await Self.adopt(descriptor, bootstrap.serverChannelOption(.autoRead, value: false))
        }
    }

    /// NIO listens anew on a socket that it adopts, with a backlog of its own.
    ///
    /// Of two processes that accept from one socket, one is woken in vain now and then, on which NIO asserts in a debug
    /// build; in a release build it waits on.
    private static func adopt(_ descriptor: CInt, _ bootstrap: ServerBootstrap) async throws -> any Channel {
        let channel = try await bootstrap.withBoundSocket(descriptor).get()
        listen(descriptor, backlog)
        return channel
    }

    /// Takes connections from a socket that was handed over once there is something to answer, but after a while in any
    /// case: until then they wait in its backlog, or are taken by the daemon that is being replaced.
    func takeConnections(once isReady: @escaping @Sendable () -> Bool, atLatestIn patience: TimeAmount) {
        guard case .descriptor = listener.place else { return }
        let deadline = NIODeadline.now() + patience
        channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.lookInterval) { [channel] task in
            guard isReady() || NIODeadline.now() >= deadline || !channel.isActive else { return }
            task.cancel()
            channel.setOption(.autoRead, value: true).whenComplete { _ in }
        }
    }

    /// Where connections come from.
    var address: SocketAddress? { channel.localAddress }

    /// Takes no more connections.
    ///
    /// NIO drops connections that it has accepted and not yet set up when their listener closes, so all loops are passed
    /// through before. What waits in the backlog of a socket that others hold, too, is theirs.
    func close(on group: any EventLoopGroup) async {
        try? await channel.setOption(.autoRead, value: false).get()
        for loop in group.makeIterator() { try? await loop.submit {}.get() }
        try? await channel.eventLoop.submit {}.get()
        try? await channel.close().get()
        file?.remove()
    }
}
