import NIOCore
import NIOHTTP1

/// Closes connections on which nothing happens, or on which a request does not become complete.
///
/// Stands between the decoder and the pipeline handler, where it sees what the decoder makes of each read.
final class ConnectionDeadlines: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let idleTime: TimeAmount
    private let headTime: TimeAmount
    private let bodyTime: TimeAmount
    private var isReceiving = false
    private var hasReadPart = false
    private var unansweredRequests = 0
    private var lastActivity = NIODeadline.uptimeNanoseconds(0)
    private var idleTimer: Scheduled<Void>?
    private var requestTimer: Scheduled<Void>?

    init(idleTime: TimeAmount, headTime: TimeAmount, bodyTime: TimeAmount) {
        self.idleTime = idleTime
        self.headTime = headTime
        self.bodyTime = bodyTime
    }

    /// Takes note of a request that was answered without coming by here.
    func noteActivity(at moment: NIODeadline) {
        lastActivity = moment
    }

    func channelActive(context: ChannelHandlerContext) {
        lastActivity = context.eventLoop.now
        checkIdleness(in: idleTime, context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasReadPart = true
        switch unwrapInboundIn(data) {
        case .head: beginRequest()
        case .body: break
        case .end: endRequest()
        }
        context.fireChannelRead(data)
    }

    /// A read of which the decoder made nothing is a part of a head.
    func channelReadComplete(context: ChannelHandlerContext) {
        lastActivity = context.eventLoop.now
        if isReceiving || !hasReadPart { expectMore(within: isReceiving ? bodyTime : headTime, context) }
        hasReadPart = false
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            lastActivity = context.eventLoop.now
            unansweredRequests = max(0, unansweredRequests - 1)
        }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        idleTimer?.cancel()
        requestTimer?.cancel()
        context.fireChannelInactive()
    }

    private func beginRequest() {
        isReceiving = true
        requestTimer?.cancel()
        requestTimer = nil
    }

    private func endRequest() {
        isReceiving = false
        unansweredRequests += 1
        requestTimer?.cancel()
        requestTimer = nil
    }

    private func expectMore(within time: TimeAmount, _ context: ChannelHandlerContext) {
        guard requestTimer == nil else { return }
        requestTimer = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            context.close(promise: nil)
        }
    }

    /// The timer is not moved with each request: it looks when it was due and waits for the rest.
    private func checkIdleness(in time: TimeAmount, _ context: ChannelHandlerContext) {
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            let isBusy = self.unansweredRequests > 0 || context.channel.waitingBytes > 0
            if isBusy { self.lastActivity = context.eventLoop.now }
            let rest = self.lastActivity + self.idleTime - context.eventLoop.now
            guard rest > .zero else { return context.close(promise: nil) }
            self.checkIdleness(in: rest, context)
        }
    }
}
