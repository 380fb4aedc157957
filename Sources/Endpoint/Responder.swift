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
    let freshness: Freshness
    let now: @Sendable () -> Timestamp
    let storing = ConcurrencyLimit(AuthEventReader.concurrentBatches)

    init(
        answers: AnswerSource,
        snapshots: SnapshotStore,
        actions: EndpointActions,
        gate: Gatekeeper,
        lifecycle: Lifecycle,
        freshness: Freshness,
        now: @escaping @Sendable () -> Timestamp,
    ) {
        self.answers = answers
        self.snapshots = snapshots
        self.actions = actions
        self.gate = gate
        self.lifecycle = lifecycle
        self.freshness = freshness
        self.now = now
    }

    /// The answer to a request. Never fails: errors are answers, too.
    func reply(to request: Request, on loop: any EventLoop) -> EventLoopFuture<Reply> {
        let target = RequestTarget(request.target)
        guard let match = Route.match(target.path) else { return unmatched(request, target, on: loop) }
        let reply: EventLoopFuture<Reply>
        do throws(Problem) {
            reply = try self.reply(to: request, match, target.query, on: loop)
        } catch {
            reply = loop.makeFailedFuture(error)
        }
        return reply.recovered(requestID: request.id).map { reply in
            var reply = reply
            reply.route = match.route
            return reply
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
        let admission = try match.route.scope.map { scope throws(Problem) in
            try gate.admit(request.visitor, for: scope, at: now())
        }
        let reply = try self.reply(to: request, match, query, isPrivate: admission?.isPrivate ?? false, on: loop)
        guard let quota = admission?.quota else { return reply }
        return reply.map { reply in
            var reply = reply
            quota.add(to: &reply.headers)
            return reply
        }
    }

    private func reply(
        to request: Request,
        _ match: Route.Match,
        _ query: Substring,
        isPrivate: Bool,
        on loop: any EventLoop,
    ) throws(Problem) -> EventLoopFuture<Reply> {
        var parameters = try QueryParameters(query)
        let question = try match.query(&parameters)
        try parameters.finish()
        guard let question else { return try reply(to: request, on: match.route, loop) }
        return answers.answer(to: question, on: loop).flatMapThrowing { answer in
            try self.reply(to: request, question, answer, isPrivate: isPrivate)
        }
    }

    private func reply(
        to request: Request,
        on route: Route,
        _ loop: any EventLoop,
    ) throws(Problem) -> EventLoopFuture<Reply> {
        switch route {
        case .authEvents: return try storeAuthEvents(request, on: loop)
        case .live: return loop.makeSucceededFuture(.text("ok"))
        case .ready: return loop.makeSucceededFuture(try readiness())
        case .health: return loop.makeSucceededFuture(.json(actions.health().json(at: now())))
        case .cacheStatistics: return loop.makeSucceededFuture(.json(statistics()))
        case .warmCache:
            return perform(actions.warmCache, named: "cache warming", done: "Cache warming completed", on: loop)
        case .clearCache:
            return perform(actions.clearCache, named: "clearing the cache", done: "Cache cleared", on: loop)
        case .dashboard, .collections, .actions, .hourly, .ips, .users, .user, .securityAlerts:
            preconditionFailure("route \(route) is a query")
        }
    }
}

extension EventLoopFuture<Reply> {
    /// Turns errors into answers. Only problems say what they are; whatever else there is stays inside.
    fileprivate func recovered(requestID: String) -> EventLoopFuture<Reply> {
        flatMapErrorThrowing { error in
            .problem(error as? Problem ?? .unexpected(error), requestID: requestID)
        }
    }
}
