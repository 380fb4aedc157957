package import Activity
package import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves documents over HTTP/1.
///
///     made ─run()→ bound ─drain()→ draining: /readyz says so ─notice over→ closing ─in-flight answered→ ended
///                    └─ task cancelled ────────────────────────────────────────┘
package final class EndpointServer: Sendable {
    private let configuration: EndpointConfiguration
    private let snapshots: SnapshotStore
    private let actions: EndpointActions
    private let access: AccessControl
    private let group: any EventLoopGroup
    private let now: @Sendable () -> Timestamp
    private let observe: @Sendable (RequestObservation) -> Void
    private let compute: DocumentComputation
    private let lifecycle = Lifecycle()
    private let connections: ConnectionRegistry
    private let bound: EventLoopPromise<SocketAddress>
    private let stop: EventLoopPromise<Void>

    /// A server that listens once it runs.
    ///
    /// - Parameters:
    ///   - configuration: where to listen, and the bounds.
    ///   - snapshots: what is served.
    ///   - actions: what the daemon does for the endpoint.
    ///   - access: who may do what.
    ///   - eventLoopGroup: the caller's; it must outlive `run()`.
    ///   - now: the clock of `Date`, `Age` and `timestamp`.
    ///   - observe: is called on an event loop after each answer; it must not block.
    ///   - compute: how a document comes about that was not rendered ahead.
    package init(
        configuration: EndpointConfiguration,
        snapshots: SnapshotStore,
        actions: EndpointActions,
        access: AccessControl,
        eventLoopGroup: any EventLoopGroup,
        now: @escaping @Sendable () -> Timestamp,
        observe: @escaping @Sendable (RequestObservation) -> Void = { _ in },
        compute: @escaping DocumentComputation = { $0.compute($1) },
    ) {
        self.configuration = configuration
        self.snapshots = snapshots
        self.actions = actions
        self.access = access
        self.group = eventLoopGroup
        self.now = now
        self.observe = observe
        self.compute = compute
        connections = ConnectionRegistry(
            limit: configuration.connections,
            perAddress: configuration.connectionsPerAddress,
            except: configuration.rules.proxies.proxies,
        )
        let loop = eventLoopGroup.any()
        bound = loop.makePromise()
        stop = loop.makePromise()
    }

    /// When the server ran, both promises were kept long before.
    deinit {
        bound.fail(failure(.neverBound))
        stop.succeed()
    }

    /// The address that is listened on. Waits until it is; READY can wait for it.
    ///
    /// - Throws: what `run()` throws when it cannot be listened on.
    package var localAddress: SocketAddress {
        get async throws { try await bound.futureResult.get() }
    }

    /// Listens and serves until the task is cancelled or `drain()` was called, then answers what is in flight.
    ///
    /// To be called once. Returns at most `drainTimeout` after the end was asked for, `drainNotice` aside.
    ///
    /// - Throws: `EndpointError` when the address cannot be listened on.
    package func run() async throws {
        let answers = AnswerSource(configuration, snapshots, compute: compute)
        let hub = AlertHub(actions.alerts, AlertHub.Settings(configuration))
        async let _: Void = hub.run()
        do {
            let listener = try await listen(serving: responder(answers, hub))
            await waitForStop()
            try? await listener.close().get()
            await connections.drain(within: TimeAmount(configuration.drainTimeout), on: group.any())
            await answers.shutDown()
        } catch {
            await answers.shutDown()
            throw error
        }
    }

    /// Says on `/readyz` that no more readers are taken; when that was to be seen for long enough, `run()` comes to
    /// its end. May be called at any time, from anywhere, and again.
    package func drain() {
        guard lifecycle.beginDraining() else { return }
        guard configuration.drainNotice > .zero else { return stop.succeed() }
        group.any().scheduleTask(in: TimeAmount(configuration.drainNotice)) { self.stop.succeed() }
    }

    private func waitForStop() async {
        await withTaskCancellationHandler {
            try? await stop.futureResult.get()
        } onCancel: {
            _ = lifecycle.beginDraining()
            stop.succeed()
        }
    }
}

// MARK: - Connections

extension EndpointServer {
    private func listen(serving responder: Responder) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // One read at a time: others get their turn, and a short request costs no second read that finds nothing.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer(connectionInitializer(responder))
        do {
            let listener = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
            guard let address = listener.localAddress else { throw failure(.neverBound) }
            bound.succeed(address)
            return listener
        } catch {
            let failure = failure(.bindFailed, underlying: error)
            bound.fail(failure)
            throw failure
        }
    }

    private func failure(_ code: EndpointError.Code, underlying: (any Error)? = nil) -> EndpointError {
        EndpointError(code: code, host: configuration.host, port: configuration.port, underlying: underlying)
    }

    private func responder(_ answers: AnswerSource, _ hub: AlertHub) -> Responder {
        Responder(
            answers: answers,
            snapshots: snapshots,
            actions: actions,
            gate: Gatekeeper(access, configuration.rules),
            lifecycle: lifecycle,
            freshness: Freshness(interval: configuration.refreshInterval),
            alerts: AlertAnswers(actions.alerts, hub, configuration),
            stallTime: TimeAmount(configuration.writeStall),
            now: now,
        )
    }

    private func connectionInitializer(
        _ responder: Responder
    ) -> @Sendable (any Channel) -> EventLoopFuture<Void> {
        let identifiers = RequestIdentifiers()
        return { [configuration, connections, observe] channel in
            let peer = ClientAddress(channel.remoteAddress)
            switch connections.admit(channel, from: peer) {
            case .admitted: break
            case .turnedAway:
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(OverloadNotice())
                }
            case .refused: return channel.close()
            }
            return channel.eventLoop.makeCompletedFuture {
                let answers = RequestHandler(
                    responder,
                    serverName: configuration.serverName,
                    identifiers: identifiers,
                    peer: peer,
                    observe: observe,
                )
                try ConnectionPipeline(configuration: configuration).add(answers, to: channel.pipeline.syncOperations)
                if case .ip = peer { try channel.boundUnsentBytes() }
            }
        }
    }
}
