import Glibc
import NIOCore

/// Resets connections whose client does not take what was sent.
///
/// As long as bytes wait here, so many must go out in each interval; what the kernel has taken counts as gone. A client
/// that reads a few bytes now and then holds the connection no longer than one that reads nothing.
///
/// Stands next to the socket, where it sees all flushes.
final class WriteDeadline: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// 4 kbit/s for the usual interval of 30 s.
    static let leastProgress = 16 << 10

    private let interval: TimeAmount
    private var written = 0
    private var timer: Scheduled<Void>?

    /// Whether bytes wait, or did so a moment ago.
    var isWatching: Bool { timer != nil }

    init(_ interval: TimeAmount) {
        self.interval = interval
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        written += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        if timer == nil { watch(context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    private func watch(_ context: ChannelHandlerContext) {
        let waiting = context.channel.waitingBytes
        guard waiting > 0 else { return }
        let gone = written - waiting
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: interval) {
            self.timer = nil
            let waiting = context.channel.waitingBytes
            guard waiting == 0 || self.written - waiting - gone >= Self.leastProgress else {
                return context.channel.reset()
            }
            self.watch(context)
        }
    }
}

extension Channel {
    /// Bytes that were written and that the kernel has not taken. To be asked for on the event loop.
    var waitingBytes: Int {
        (try? syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Has what a slow client has not taken wait here, where it is seen, and not in the kernel by the megabyte. For TCP
    /// only; to be called on the event loop.
    func boundUnsentBytes() throws {
        try syncOptions?.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT)), value: 128 << 10)
    }

    /// Closes and has the kernel forget what it has not sent; otherwise it would go on offering it for minutes.
    fileprivate func reset() {
        guard let options = self as? any SocketOptionProvider else { return close(promise: nil) }
        options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in self.close(promise: nil) }
    }
}
