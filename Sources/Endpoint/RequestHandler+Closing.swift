import NIOCore

extension RequestHandler {
    /// How long a client may take to read the last answer. Closing at once would reset the connection when it is
    /// still sending, and take the answer away from it.
    private static let lingerTime = TimeAmount.seconds(2)

    /// Whether the decoder has seen requests that wait until those before them are answered.
    var hasWaitingRequests: Bool { framing.map { $0.requests > requests } ?? false }

    /// Closes once the last answer is out.
    func closeIfDue(_ context: ChannelHandlerContext) {
        guard unwrittenAnswers == 0 else { return }
        switch phase {
        case .closing where isInputClosed: context.close(promise: nil)
        case .closing: closeOutput(context)
        case .idle, .receiving, .answering, .streaming: break
        }
    }

    /// Closes when no request comes in a while; the answer to one that does is the last.
    func closeSoon(_ context: ChannelHandlerContext) {
        guard case .idle = phase else { return }
        let patience = requests == 0 ? responder.firstRequestPatience : responder.nextRequestPatience
        context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
            guard case .idle = self.phase else { return }
            self.phase = .closing
            self.closeIfDue(context)
        }
    }

    /// A client that closed its side may still wait for answers; a request that is not complete will never be.
    func closeUnlessBusy(_ context: ChannelHandlerContext) {
        if case .answering = phase { return }
        endStream()
        phase = .closing
        if unwrittenAnswers == 0 { context.close(promise: nil) }
    }

    private func closeOutput(_ context: ChannelHandlerContext) {
        guard linger == nil, context.channel.isActive else { return }
        linger = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTime) { context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
    }
}
