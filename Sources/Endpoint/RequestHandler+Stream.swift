import NIOCore
import NIOHTTP1

extension RequestHandler {
    /// Begins an answer whose length nobody knows: the end of the connection is its end, in HTTP/1.0 as in HTTP/1.1.
    ///
    /// The task is unstructured because a channel handler cannot await. It is cancelled with the connection.
    func send(
        _ reply: Reply,
        _ stream: @escaping @Sendable (ReplyWriter) async -> Void,
        to exchange: Exchange,
        _ context: ChannelHandlerContext,
    ) {
        var head = heads.lastingHead(of: reply, to: exchange, closes: true)
        heads.moment(of: nil, id: exchange.id, at: responder.now()).add(to: &head.headers)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        let writer = ReplyWriter(context.channel, stallTime: responder.stallTime)
        let end = context.eventLoop.makePromise(of: Void.self)
        phase = .streaming(
            Task {
                await stream(writer)
                end.succeed()
            }
        )
        end.futureResult.assumeIsolated().whenComplete { _ in
            self.observe(self.observation(of: reply, to: exchange, bytes: writer.bytes))
            guard case .streaming = self.phase else { return }
            self.phase = .closing
            self.sendEnd(context)
        }
    }

    /// Asks the stream to come to its end, if there is one.
    func endStream() {
        if case .streaming(let task) = phase { task.cancel() }
    }
}
