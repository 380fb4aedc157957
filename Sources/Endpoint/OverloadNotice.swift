import NIOCore
import NIOHTTP1

/// Tells a client that there are too many connections, and closes.
final class OverloadNotice: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long the client may take to read it. Closing at once would reset the connection and take the answer away.
    private static let lingerTime = TimeAmount.seconds(2)

    private var linger: Scheduled<Void>?

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(Self.notice), promise: nil)
        linger = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTime) { context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        linger?.cancel()
    }

    private static let notice: ByteBuffer = {
        let body = Problem.tooManyConnections.json(requestID: "-").encoded
        var buffer = ByteBuffer(
            string: """
                HTTP/1.1 503 Service Unavailable\r
                Content-Type: application/problem+json\r
                Content-Length: \(body.count)\r
                Cache-Control: no-store\r
                Retry-After: 5\r
                Connection: close\r
                \r

                """
        )
        buffer.writeBytes(body)
        return buffer
    }()
}

extension Problem {
    fileprivate static let tooManyConnections = Problem(
        status: .serviceUnavailable,
        detail: "too many connections are open; try again in a moment",
    )
}
