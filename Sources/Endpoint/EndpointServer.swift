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
    private let group: any EventLoopGroup
    private let now: @Sendable () -> Timestamp
    private let observe: @Sendable (RequestObservation) -> Void
    private let compute: DocumentComputation
    private let lifecycle = Lifecycle()
    private let freshness: Freshness
    private let gate: Gatekeeper
    private let connections: ConnectionRegistry
    private let adminConnections: ConnectionRegistry
    private let bound: EventLoopPromise<[Listener.Bound]>
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
        gate = Gatekeeper(access, configuration.rules)
        freshness = Freshness(interval: configuration.refreshInterval)
        self.group = eventLoopGroup
        self.now = now
        self.observe = observe
        self.compute = compute
        connections = ConnectionRegistry(configuration)
        adminConnections = ConnectionRegistry(configuration)
        let loop = eventLoopGroup.any()
        bound = loop.makePromise()
        stop = loop.makePromise()
    }

    /// When the server ran, both promises were kept long before.
    deinit {
        bound.fail(EndpointError(code: .neverBound, listener: nil, underlying: nil))
        stop.succeed()
    }

    /// Where it listens. Waits until it does everywhere; READY can wait for it.
    ///
    /// - Throws: what `run()` throws when it cannot listen.
    package var listeners: [Listener.Bound] {
        get async throws { try await bound.futureResult.get() }
    }

    /// Listens and serves until the task is cancelled or `drain()` was called, then answers what is in flight.
    ///
    /// To be called once. Returns at most `drainTimeout` after the end was asked for, `drainNotice` aside.
    ///
    /// - Throws: `EndpointError` when it cannot listen.
    package func run() async throws {
        let answers = AnswerSource(configuration, snapshots, compute: compute)
        let hub = AlertHub(actions.alerts, AlertHub.Settings(configuration))
        async let _: Void = hub.run()
        do {
            let bindings = try await listen(serving: answers, AlertAnswers(actions.alerts, hub, configuration))
            await waitForStop()
            for binding in bindings { await binding.close(on: group) }
            await closeConnections()
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

    /// Changes how often readers are told to ask again, and from which age on answers are stale. Answers that are
    /// remembered say so from the next generation on.
    package func expectGenerations(every interval: Duration) {
        freshness.expect(every: interval)
    }

    /// Connections that are open now, on all listeners.
    package var openConnections: Int { connections.count + adminConnections.count }

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
    /// Listens everywhere or nowhere.
    private func listen(serving answers: AnswerSource, _ alerts: AlertAnswers) async throws -> [ListenerBinding] {
        var bindings: [ListenerBinding] = []
        for listener in configuration.listeners {
            do {
                let bootstrap = bootstrap(responder(answers, alerts, listener.role))
                bindings.append(try await ListenerBinding(listener, bootstrap))
            } catch {
                for binding in bindings { await binding.close(on: group) }
                let failure = EndpointError(code: .bindFailed, listener: listener, underlying: error)
                bound.fail(failure)
                throw failure
            }
        }
        for binding in bindings {
            let needsDocuments = binding.listener.role == .http
            binding.takeConnections(
                once: { [snapshots] in !needsDocuments || snapshots.current != nil },
                atLatestIn: TimeAmount(configuration.handoverPatience),
            )
        }
        bound.succeed(
            bindings.compactMap { binding in
                binding.address.map { Listener.Bound(role: binding.listener.role, address: $0) }
            }
        )
        return bindings
    }

    private func bootstrap(_ responder: Responder) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // One read at a time: others get their turn, and a short request costs no second read that finds nothing.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer(connectionInitializer(responder))
    }

    private func responder(_ answers: AnswerSource, _ alerts: AlertAnswers, _ role: Listener.Role) -> Responder {
        Responder(
            answers: answers,
            snapshots: snapshots,
            actions: actions,
            gate: gate,
            lifecycle: lifecycle,
            openConnections: { [connections, adminConnections] in connections.count + adminConnections.count },
            role: role,
            freshness: freshness,
            alerts: alerts,
            stallTime: TimeAmount(configuration.writeStall),
            firstRequestPatience: TimeAmount(configuration.firstRequestPatience),
            nextRequestPatience: TimeAmount(configuration.nextRequestPatience),
            now: now,
        )
    }

    private func connections(of role: Listener.Role) -> ConnectionRegistry {
        switch role {
        case .http: connections
        case .admin: adminConnections
        }
    }

    private func closeConnections() async {
        let limit = TimeAmount(configuration.drainTimeout)
        async let readers: Void = connections.drain(within: limit, on: group.any())
        async let administrators: Void = adminConnections.drain(within: limit, on: group.any())
        _ = await (readers, administrators)
    }

    private func connectionInitializer(
        _ responder: Responder
    ) -> @Sendable (any Channel) -> EventLoopFuture<Void> {
        let identifiers = RequestIdentifiers()
        let requests = EachLoop(of: group) { RepeatedRequests() }
        let connections = connections(of: responder.role)
        return { [configuration, observe] channel in
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
                try ConnectionPipeline(configuration: configuration, requests: requests[channel.eventLoop]).add(
                    answers,
                    to: channel.pipeline.syncOperations,
                )
                if case .ip = peer { try channel.boundUnsentBytes() }
            }
        }
    }
}
