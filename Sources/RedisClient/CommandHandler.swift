import NIOCore

/// The end of the pipeline: writes commands, matches replies to them, and watches the clock.
///
/// Lives on its event loop; ``RedisConnection`` is what others hold.
final class CommandHandler: ChannelInboundHandler {
    typealias InboundIn = RESPValue
    typealias OutboundOut = ByteBuffer

    private let ended: OneShot<RedisError>
    private var queue = CommandQueue()
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    /// - Parameter ended: Resolved with the reason when the connection ends, before the socket is closed.
    init(ended: OneShot<RedisError>) {
        self.ended = ended
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(.lost("the connection was closed"))
        self.context = nil
    }

    func submit(_ bytes: ByteBuffer, _ batch: CommandQueue.Batch) {
        switch queue.submit(batch) {
        case .reject(let completion, let reason):
            completion.resolve(.success(.rejected(reason)))
        case .write(let deadline):
            write(bytes)
            if let deadline { setTimer(deadline) }
        }
    }

    /// Writes bytes whose replies are for a handler before this one.
    func write(_ bytes: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch queue.receive(unwrapInboundIn(data)) {
        case .none: break
        case .complete(let completion, let replies): completion.resolve(.success(.answered(replies)))
        case .close(let reason): close(reason)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.lost("the server closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(error as? RedisError ?? .lost(ErrorText.of(error)))
    }

    /// Closes the connection; everything in flight fails with the reason at once.
    func close(_ reason: RedisError) {
        end(reason)
        context?.close(promise: nil)
    }

    private func end(_ reason: RedisError) {
        timer?.cancel()
        timer = nil
        for batch in queue.close(reason) {
            batch.completion.resolve(.success(.lost(batch.replies, reason)))
        }
        ended.resolve(.success(reason))
    }

    private func setTimer(_ deadline: NIODeadline) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.timerFired() }
    }

    private func timerFired() {
        switch queue.timerFired(now: .now()) {
        case .none: break
        case .setTimer(let deadline): setTimer(deadline)
        case .close: close(RedisError(code: .timedOut, message: "no reply from the server in time"))
        }
    }
}

extension RedisError {
    static func lost(_ reason: String) -> RedisError {
        RedisError(code: .connectionLost, message: reason)
    }
}
