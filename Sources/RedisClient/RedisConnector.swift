import NIOCore
import NIOPosix
import NIOSSL

/// Makes connections that are ready for commands.
struct RedisConnector: Sendable {
    let configuration: RedisConfiguration
    let eventLoopGroup: any EventLoopGroup

    /// Remembers which sentinel answers; nil without sentinels.
    private let resolver: SentinelResolver?

    init(configuration: RedisConfiguration, eventLoopGroup: any EventLoopGroup) {
        self.configuration = configuration
        self.eventLoopGroup = eventLoopGroup
        resolver =
            if case .master(let sentinels) = configuration.address {
                SentinelResolver(sentinels, configuration, eventLoopGroup)
            } else {
                nil
            }
    }

    /// Connects, authenticates, selects the database and sets the name.
    ///
    /// - Throws: ``RedisError/Code/connectionFailed``, ``RedisError/Code/authenticationFailed``,
    ///   ``RedisError/Code/timedOut``, ``RedisError/Code/protocolViolation`` or ``RedisError/Code/cancelled``.
    func connect() async throws(RedisError) -> RedisConnection {
        if let resolver { return try await connectToMaster(resolver) }
        let tls = try await tlsContext()
        let connection = try await open(tls)
        do throws(RedisError) {
            try await greet(connection)
            return connection
        } catch {
            connection.close()
            throw error
        }
    }

    /// Cancelling the task does not stop NIO's attempt; a connection that comes too late is closed.
    private func open(_ tls: NIOSSLContext?) async throws(RedisError) -> RedisConnection {
        let arrival = OneShot<RedisConnection>()
        let ended = OneShot<RedisError>()
        connectChannel(bootstrap(tls, ended)).flatMapThrowing { channel in
            let handler = try channel.pipeline.syncOperations.handler(type: CommandHandler.self)
            let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
            return RedisConnection(channel: channel, handler: bound, ended: ended)
        }.whenComplete { result in
            let isAwaited = arrival.resolve(result.mapError { failed(ErrorText.of($0)) })
            if !isAwaited, case .success(let late) = result { late.close() }
        }
        return try await arrival.value()
    }

    private func bootstrap(_ tls: NIOSSLContext?, _ ended: OneShot<RedisError>) -> ClientBootstrap {
        ClientBootstrap(group: eventLoopGroup)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(tlsHandler(tls)) }
                    try pipeline.addHandler(ReplyHandler(reader: ReplyReader()))
                    try pipeline.addHandler(CommandHandler(ended: ended))
                }
            }
    }

    private func connectChannel(_ bootstrap: ClientBootstrap) -> EventLoopFuture<any Channel> {
        switch configuration.address {
        case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
        case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
        case .master: preconditionFailure("connecting before the sentinels were asked")
        }
    }

    /// The error of an attempt that came to nothing.
    func failed(_ reason: String) -> RedisError {
        RedisError(code: .connectionFailed, message: "cannot connect to \(configuration.address): \(reason)")
    }
}
