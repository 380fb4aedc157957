import NIOCore
import NIOHTTP1

/// Answers the requests of one connection, one at a time: `HTTPServerPipelineHandler` holds back the next.
///
///     idle ─head→ receiving ─end→ answering ─answer→ idle
///                     │               ├─ answer without an end→ streaming ─ended─┐
///                     └─ refused ─────┴─ last ─────────────────────────────────→ closing
///
/// While closing, input is dropped until the client has read all. A stream has the connection to itself: what is
/// pipelined after it is never answered.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Asks a connection to close as soon as nothing is in flight. What is on its way must not be lost when another
    /// daemon takes over, so a connection that waits for a request has a moment, and its answer says that it is the last.
    struct DrainRequested: Sendable {}

    enum Phase {
        case idle
        /// Indirect, so that a look at the phase copies no head.
        indirect case receiving(Exchange, RequestBody)
        case answering
        case streaming(Task<Void, Never>)
        case closing
    }

    let responder: Responder
    let identifiers: RequestIdentifiers
    let peer: ClientAddress
    let observe: @Sendable (RequestObservation) -> Void
    var heads: ResponseHeads
    var phase = Phase.idle
    private(set) var isInputClosed = false
    var unwrittenAnswers = 0
    private var isAnswering = false
    /// Requests that have come here.
    private(set) var requests = 0
    /// Knows those that wait for their turn; the pipeline's.
    var framing: FramingBudget?
    private(set) var next: (Exchange, ByteBuffer?)?
    var repetition = Repetition.unwanted
    var linger: Scheduled<Void>?

    init(
        _ responder: Responder,
        serverName: String?,
        identifiers: RequestIdentifiers,
        peer: ClientAddress,
        observe: @escaping @Sendable (RequestObservation) -> Void,
    ) {
        self.responder = responder
        self.identifiers = identifiers
        self.peer = peer
        self.observe = observe
        heads = ResponseHeads(
            serverName: serverName,
            crossOrigin: responder.gate.rules.crossOrigin,
            freshness: responder.freshness,
        )
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), phase) {
        case (.head(let head), .idle): begin(head, context)
        case (.body(let part), .receiving): receive(part, context)
        case (.end, .receiving(let exchange, let body)): answer(exchange, body.bytes, context)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        endStream()
        phase = .closing
        linger?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What follows a malformed request says no more than that request, which waits for its turn to be refused.
        if case ByteToMessageDecoderError.dataReceivedInErrorState = error { return }
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        switch phase {
        case .idle: refuse(exchange(nil), .malformed(error), context)
        case .receiving(let exchange, _): refuse(exchange, .malformed(error), context)
        case .answering, .streaming, .closing: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            closeUnlessBusy(context)
        case is DrainRequested:
            endStream()
            closeSoon(context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }
}

// MARK: - Requests

extension RequestHandler {
    private func exchange(_ head: HTTPRequestHead?) -> Exchange {
        let client = head.map { responder.gate.rules.proxies.client(of: $0.headers, from: peer) } ?? peer
        return Exchange(head: head, id: identifiers.next(), client: client, began: .now)
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        requests += 1
        let exchange = exchange(head)
        let route = exchange.bodyRoute
        phase = .receiving(exchange, RequestBody(isKept: route != nil))
        if let refusal = exchange.refusal
            ?? route.flatMap({ responder.refusal(of: head, from: exchange.client, to: $0) })
        {
            return refuse(exchange, refusal, context)
        }
        guard exchange.awaitsContinue else { return }
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))),
            promise: nil,
        )
    }

    private func receive(_ part: ByteBuffer, _ context: ChannelHandlerContext) {
        guard case .receiving(let exchange, var body) = phase else { return }
        // The phase must not hold the bytes while they are added to, or each part would copy those before it.
        phase = .idle
        body.append(part)
        phase = .receiving(exchange, body)
        if body.isTooLarge { refuse(exchange, .bodyTooLarge(limit: body.limit), context) }
    }

    private func refuse(_ exchange: Exchange, _ problem: Problem, _ context: ChannelHandlerContext) {
        send(.problem(problem, requestID: exchange.id), to: exchange, closes: true, context)
    }

    /// Writing an answer makes the pipeline handler deliver the next request before the write returns. That one waits
    /// here for its turn: thousands of pipelined requests must not become thousands of nested calls.
    private func answer(_ exchange: Exchange, _ body: ByteBuffer?, _ context: ChannelHandlerContext) {
        phase = .answering
        next = (exchange, body)
        answerAll(context) {}
    }

    private func answerAll(_ context: ChannelHandlerContext, after first: () -> Void) {
        guard !isAnswering else { return first() }
        isAnswering = true
        defer { isAnswering = false }
        first()
        while let (exchange, body) = next {
            next = nil
            find(exchange, body, context)
        }
    }

    private func find(_ exchange: Exchange, _ body: ByteBuffer?, _ context: ChannelHandlerContext) {
        guard let head = exchange.head else { preconditionFailure("a request without a head cannot be answered") }
        let request = Request(head, id: exchange.id, from: exchange.client, body: body)
        let reply = responder.reply(to: request, on: context.eventLoop)
        reply.assumeIsolated().whenSuccess { reply in
            guard self.responder.lifecycle.isDraining else { return self.give(reply, to: exchange, context) }
            // After the decoder has gone through what it was given: only then is known which request is the last.
            context.eventLoop.assumeIsolated().execute { self.give(reply, to: exchange, context) }
        }
    }

    private func give(_ reply: Reply, to exchange: Exchange, _ context: ChannelHandlerContext) {
        guard case .answering = phase else { return }
        answerAll(context) { send(reply, to: exchange, closes: !exchange.keepsAlive, context) }
    }
}

// MARK: - Answers

extension RequestHandler {
    private func send(_ reply: Reply, to exchange: Exchange, closes: Bool, _ context: ChannelHandlerContext) {
        if let stream = reply.stream, !exchange.isHead { return send(reply, stream, to: exchange, context) }
        let closes = closes || isInputClosed || responder.lifecycle.isDraining && !hasWaitingRequests
        var head = heads.lastingHead(of: reply, to: exchange, closes: closes)
        let body = exchange.isHead ? nil : reply.body
        let observation = observation(of: reply, to: exchange, bytes: body?.readableBytes ?? 0)
        if !closes { offer(reply, head, body, observation) }
        phase = closes ? .closing : .idle
        heads.moment(of: reply.computedAt, id: exchange.id, at: responder.now()).add(to: &head.headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        observe(observation)
        sendEnd(context)
    }

    func sendEnd(_ context: ChannelHandlerContext) {
        awaitEnd(context.writeAndFlush(wrapOutboundOut(.end(nil))), context)
    }

    /// Has the connection stay open until an answer is out.
    func awaitEnd(_ written: EventLoopFuture<Void>, _ context: ChannelHandlerContext) {
        beginAnswer()
        written.assumeIsolated().whenComplete { _ in self.endAnswer(context) }
    }

    /// Has the connection stay open until `endAnswer` is called.
    func beginAnswer() {
        unwrittenAnswers += 1
    }

    /// An answer is out.
    func endAnswer(_ context: ChannelHandlerContext) {
        unwrittenAnswers -= 1
        closeIfDue(context)
    }

    func observation(of reply: Reply, to exchange: Exchange, bytes: Int) -> RequestObservation {
        RequestObservation(
            method: exchange.head?.method.rawValue,
            route: reply.route?.rawValue,
            status: Int(reply.status.code),
            duration: exchange.began.duration(to: .now),
            bytes: bytes,
            cache: reply.cache,
            requestID: exchange.id,
            client: exchange.client,
            failure: reply.failure,
        )
    }
}
