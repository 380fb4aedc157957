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
    private var socket: DirectSocket?
    /// Of an answer that is not sent yet; empty otherwise. Allocated anew only while a slow client has not taken the last.
    private var head = ByteBuffer()
    private var body = ByteBuffer()

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
        socket = DirectSocket(context.pipeline)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Whatever is written from here on comes after the last answer.
        flush()
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
        if let bytes = known.body { body = bytes }
        handler.beginAnswer()
        handler.reportRepetition(of: known, id: moment.id, since: began)
        requests.flush(self, afterOthersOn: context.eventLoop)
        deadlines.noteActivity(at: context.eventLoop.now)
    }

    /// Sends the answer, if that was not done meanwhile.
    func flush() {
        guard let context, head.readableBytes > 0 else { return }
        if !sendAtOnce(context) { sendThroughPipeline(context) }
        head.moveReaderIndex(to: head.writerIndex)
        body = ByteBuffer()
        handler.endAnswer(context)
    }

    /// Answers whether the kernel has taken all.
    private func sendAtOnce(_ context: ChannelHandlerContext) -> Bool {
        // A watched connection has older bytes that wait, and that of a closed one is another's socket by now.
        guard let socket, !writeDeadline.isWatching, context.channel.isActive else { return false }
        return socket.write(&head, &body)
    }

    /// An empty write behind what a slow client does not take at once tells when it has it all.
    private func sendThroughPipeline(_ context: ChannelHandlerContext) {
        for part in [head, body] where part.readableBytes > 0 {
            context.write(wrapOutboundOut(.byteBuffer(part)), promise: nil)
        }
        context.flush()
        guard writeDeadline.isWatching else { return }
        handler.awaitEnd(context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer()))), context)
    }
}

extension ByteBuffer {
    /// Whether these bytes end with an empty line, as a head does.
    fileprivate var endsHead: Bool { readableBytesView.suffix(4).elementsEqual([13, 10, 13, 10]) }
}
