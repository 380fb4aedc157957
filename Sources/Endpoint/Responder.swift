import Activity
import NIOCore
import NIOHTTP1

/// Finds the answer to a request: everything about HTTP that needs no connection.
final class Responder: Sendable {
    let answers: AnswerSource
    let snapshots: SnapshotStore
    let actions: EndpointActions
    let gate: Gatekeeper
    let lifecycle: Lifecycle
    let openConnections: @Sendable () -> Int
    let role: Listener.Role
    let freshness: Freshness
    let now: @Sendable () -> Timestamp
    let alerts: AlertAnswers
    /// A reader that does not take what a stream has written is given up after so long.
    let stallTime: TimeAmount
    /// A connection that has asked for nothing yet has so long when the server drains.
    let firstRequestPatience: TimeAmount
    /// One that has asked before has so long to ask again.
    let nextRequestPatience: TimeAmount
    let storing = ConcurrencyLimit(AuthEventReader.concurrentBatches)

    init(
        answers: AnswerSource,
        snapshots: SnapshotStore,
        actions: EndpointActions,
        gate: Gatekeeper,
        lifecycle: Lifecycle,
        openConnections: @escaping @Sendable () -> Int,
        role: Listener.Role,
        freshness: Freshness,
        alerts: AlertAnswers,
        stallTime: TimeAmount,
        firstRequestPatience: TimeAmount,
        nextRequestPatience: TimeAmount,
        now: @escaping @Sendable () -> Timestamp,
    ) {
        self.answers = answers
        self.snapshots = snapshots
        self.actions = actions
        self.gate = gate
        self.lifecycle = lifecycle
        self.openConnections = openConnections
        self.role = role
        self.freshness = freshness
        self.alerts = alerts
        self.stallTime = stallTime
        self.firstRequestPatience = firstRequestPatience
        self.nextRequestPatience = nextRequestPatience
        self.now = now
    }

    /// What answers stand on now.
    var basis: AnswerBasis { AnswerBasis(snapshots, gate.access) }

    /// The answer to a request. Never fails: errors are answers, too.
    func reply(to request: Request, on loop: any EventLoop) -> EventLoopFuture<Reply> {
        let target = RequestTarget(request.target)
        guard let match = Route.match(target.path), role.serves(match.route) else {
            return unmatched(request, target, on: loop)
        }
        let reply: EventLoopFuture<Reply>
        do throws(Problem) {
            reply = try self.reply(to: request, match, target.query, on: loop)
        } catch {
            reply = loop.makeFailedFuture(error)
        }
        return reply.recovered(requestID: request.id).map { reply in
            var reply = reply
            reply.route = match.route
            return reply.encoded(for: request)
        }
    }

    private func unmatched(_ request: Request, _ target: RequestTarget, on loop: any EventLoop) -> EventLoopFuture<
        Reply
    > {
        if request.method == .OPTIONS, request.target == "*" {
            return loop.makeSucceededFuture(.options(allow: "GET, HEAD, POST, DELETE, OPTIONS"))
        }
        return loop.makeSucceededFuture(.problem(.notFound(target.path), requestID: request.id))
    }

    private func reply(
        to request: Request,
        _ match: Route.Match,
        _ query: Substring,
        on loop: any EventLoop,
    ) throws(Problem) -> EventLoopFuture<Reply> {
        if request.method == .OPTIONS { return loop.makeSucceededFuture(.options(allow: match.route.allow)) }
        guard match.route.accepts(request.method) else {
            throw .methodNotAllowed(request.method, allow: match.route.allow)
        }
        let basis = self.basis
        let admission = try match.route.scope.map { scope throws(Problem) in
            try gate.admit(request.visitor, for: scope, at: now())
        }
        let isPrivate = admission?.isPrivate ?? false
        guard let quota = admission?.quota else {
            return try self.reply(to: request, match, query, isPrivate: isPrivate, on: loop).map { reply in
                var reply = reply
                if reply.cache == .hit { reply.basis = basis }
                return reply
            }
        }
        do throws(Problem) {
            return try self.reply(to: request, match, query, isPrivate: isPrivate, on: loop).counted(quota)
        } catch {
            throw error.counted(quota)
        }
    }

    private func reply(
        to request: Request,
        _ match: Route.Match,
        _ query: Substring,
        isPrivate: Bool,
        on loop: any EventLoop,
    ) throws(Problem) -> EventLoopFuture<Reply> {
        if match.route == .page { return loop.makeSucceededFuture(page(request)) }
        var parameters = try QueryParameters(query)
        let question = try match.question(&parameters, request.headers)
        let layout = try parameters.layout(for: match.route)
        try parameters.finish()
        switch question {
        case .activity(let query):
            let key = AnswerKey(query: query, layout: layout)
            return answers.answer(to: key, on: loop).flatMapThrowing { answer in
                try self.reply(to: request, query, answer, isPrivate: isPrivate)
            }
        case .alerts(let listing): return try alerts.list(listing, at: now(), on: loop).laidOut(layout)
        case .alertStream(let position): return loop.makeSucceededFuture(try stream(after: position, for: request))
        case .service: return try reply(to: request, match, loop).laidOut(layout)
        }
    }

    private func reply(
        to request: Request,
        _ match: Route.Match,
        _ loop: any EventLoop,
    ) throws(Problem) -> EventLoopFuture<Reply> {
        switch match.route {
        case .authEvents: return try storeAuthEvents(request, on: loop)
        case .live: return loop.makeSucceededFuture(.text("ok"))
        case .ready: return loop.makeSucceededFuture(try readiness())
        case .health: return loop.makeSucceededFuture(.json(actions.health().json(at: now())))
        case .cacheStatistics: return loop.makeSucceededFuture(.json(statistics()))
        case .warmCache:
            return perform(actions.warmCache, named: "cache warming", done: "Cache warming completed", on: loop)
        case .clearCache:
            return perform(actions.clearCache, named: "clearing the cache", done: "Cache cleared", on: loop)
        case .runJob: return runJob(match.parameter, on: loop)
        case .metrics: return loop.makeSucceededFuture(metrics(for: request))
        case .openAPI: return loop.makeSucceededFuture(.openAPI)
        case .page, .dashboard, .collections, .actions, .hourly, .ips, .users, .user, .securityAlerts, .alerts,
            .alertStream:
            preconditionFailure("route \(match.route) was answered before")
        }
    }
}

extension Problem {
    fileprivate func counted(_ quota: Quota) -> Problem {
        var problem = self
        problem.quota = quota
        return problem
    }
}

extension EventLoopFuture<Reply> {
    /// Turns errors into answers. Only problems say what they are; whatever else there is stays inside.
    fileprivate func recovered(requestID: String) -> EventLoopFuture<Reply> {
        flatMapErrorThrowing { error in
            .problem(error as? Problem ?? .unexpected(error), requestID: requestID)
        }
    }

    /// What was counted says so, whether it went well or not.
    fileprivate func counted(_ quota: Quota) -> EventLoopFuture<Reply> {
        map { reply in
            var reply = reply
            quota.add(to: &reply.headers)
            return reply
        }.flatMapErrorThrowing { error in
            throw (error as? Problem ?? .unexpected(error)).counted(quota)
        }
    }

    fileprivate func laidOut(_ layout: JSONLayout) -> EventLoopFuture<Reply> {
        layout == .compact ? self : map { $0.laidOut(layout) }
    }
}
