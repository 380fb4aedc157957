import NIOCore

/// Answers requests that came before, byte for byte, without taking them apart again.
///
/// Dashboards and probes ask the same for as long as they are open. What the decoder and all handlers behind it made of
/// those bytes holds for the same bytes again, as long as the answer's `AnswerBasis` does. Nothing is parsed here:
///
///     bytes ─ known, decoder and handlers at rest ─► answer
///       └──── otherwise ─► decoder ─ … ─ RequestHandler ─ repeatable answer ─► remembered, if this was one whole request
///
/// Stands before the decoder.
final class RepeatedRequestHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = IOData

    private let requests: RepeatedRequests
    private let writeDeadline: WriteDeadline
    private let framing: FramingBudget
    private let deadlines: ConnectionDeadlines
    private let handler: RequestHandler
    /// Whether the decoder has seen whole requests only.
    private var isAtRest = true
    private var hasPassedOn = false
    /// Nil once it is removed from the pipeline.
    private var context: ChannelHandlerContext?
    /// For heads of answers. Written anew each time, and allocated anew only while a slow client has not taken the last.
    private var head = ByteBuffer()

    init(
        _ requests: RepeatedRequests,
        _ writeDeadline: WriteDeadline,
        _ framing: FramingBudget,
        _ deadlines: ConnectionDeadlines,
        _ handler: RequestHandler,
    ) {
        self.requests = requests
        self.writeDeadline = writeDeadline
        self.framing = framing
        self.deadlines = deadlines
        self.handler = handler
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard isAtRest, handler.isAtRest else { return passOn(bytes, context) }
        let basis = handler.responder.basis
        let (known, place) = requests.find(bytes, from: handler.peer, on: basis)
        if let known { return answer(known, context) }
        handler.repetition = requests.expect(bytes, at: place) ? .wanted : .unwanted
        let requestsBefore = framing.requests
        passOn(bytes, context)
        let response = handler.takeResponse()
        guard let response, isAtRest, framing.requests == requestsBefore + 1 else { return }
        let answer = RepeatedAnswer(to: bytes, from: handler.peer, response)
        requests.remember(answer, at: place, on: response.basis)
    }

    /// Handlers behind take the end of a read of which they saw nothing for half a request.
    func channelReadComplete(context: ChannelHandlerContext) {
        guard hasPassedOn else { return }
        hasPassedOn = false
        context.fireChannelReadComplete()
    }

    private func passOn(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        hasPassedOn = true
        context.fireChannelRead(wrapInboundOut(bytes))
        isAtRest = framing.isBetweenRequests && bytes.endsHead
    }

    private func answer(_ known: RepeatedAnswer, _ context: ChannelHandlerContext) {
        let began = ContinuousClock.now
        let moment = handler.moment(of: known.computedAt)
        head.clear()
        known.writeHead(at: moment, to: &head)
        context.write(wrapOutboundOut(.byteBuffer(head)), promise: nil)
        if let body = known.body { context.write(wrapOutboundOut(.byteBuffer(body)), promise: nil) }
        handler.beginAnswer()
        handler.reportRepetition(of: known, id: moment.id, since: began)
        requests.flush(self, afterOthersOn: context.eventLoop)
        deadlines.noteActivity(at: context.eventLoop.now)
    }

    /// Sends the answer. Most are taken at once; otherwise an empty write behind it tells when a slow client has it all.
    func flush() {
        guard let context else { return }
        context.flush()
        if writeDeadline.isWatching {
            handler.awaitEnd(context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer()))), context)
        }
        handler.endAnswer(context)
    }
}

extension ByteBuffer {
    /// Whether these bytes end with an empty line, as a head does.
    fileprivate var endsHead: Bool { readableBytesView.suffix(4).elementsEqual([13, 10, 13, 10]) }
}
