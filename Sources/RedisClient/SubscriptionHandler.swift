import NIOCore

/// Stands before the ``CommandHandler`` of a subscription's connection and takes all replies.
final class SubscriptionHandler: ChannelInboundHandler {
    typealias InboundIn = RESPValue

    private var state: SubscriptionState
    private let commands: CommandHandler
    private let mailbox: PubSubMailbox
    private let heartbeat: TimeAmount
    private var timer: Scheduled<Void>?

    init(_ state: SubscriptionState, _ commands: CommandHandler, _ mailbox: PubSubMailbox, heartbeat: TimeAmount) {
        self.state = state
        self.commands = commands
        self.mailbox = mailbox
        self.heartbeat = heartbeat
    }

    func handlerAdded(context: ChannelHandlerContext) {
        commands.write(ByteBuffer(commands: [state.command]))
        setTimer(context.eventLoop)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        mailbox.close(.lost("the subscription's connection ended"))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state.receive(unwrapInboundIn(data)) {
        case .none: break
        case .deliver(let event): deliver(event)
        case .close(let reason): close(reason)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        mailbox.close(.lost("the server closed the subscription's connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(error as? RedisError ?? .lost(ErrorText.of(error)))
    }

    private func deliver(_ event: RedisPubSubEvent) {
        guard !mailbox.offer(event) else { return }
        close(RedisError(code: .subscriberTooSlow, message: "more messages wait than the subscription may keep"))
    }

    private func close(_ reason: RedisError) {
        mailbox.close(reason)
        commands.close(reason)
    }

    private func setTimer(_ eventLoop: any EventLoop) {
        timer = eventLoop.assumeIsolated().scheduleTask(in: heartbeat) { self.beat(eventLoop) }
    }

    private func beat(_ eventLoop: any EventLoop) {
        guard state.beat() else {
            close(RedisError(code: .timedOut, message: "the server left the subscription without an answer"))
            return
        }
        commands.write(ByteBuffer(commands: [RedisCommand("PING")]))
        setTimer(eventLoop)
    }
}
