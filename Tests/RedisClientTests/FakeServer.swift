import NIOCore
import NIOPosix

/// A server that answers each read on a connection with the next of its texts, whatever was asked.
final class FakeServer: Sendable {
    enum Event: Sendable {
        case accepted
        case closed
    }

    let port: Int

    /// What happened, for one reader.
    let events: AsyncStream<Event>

    private let channel: any Channel

    private init(channel: any Channel, events: AsyncStream<Event>) {
        self.channel = channel
        self.events = events
        port = channel.localAddress?.port ?? 0
    }

    var url: String { "redis://127.0.0.1:\(port)" }

    /// Runs one for the length of the body.
    ///
    /// - Parameters:
    ///   - answers: The answers to the first, second, … read of each connection; the first read is the greeting. After
    ///     the last it is silent.
    ///   - pieces: The number of bytes in one write.
    ///   - hangsUp: Whether it closes the connection after its last answer.
    ///   - body: What to do with the server.
    /// - Throws: What the body throws.
    static func with(
        answers: [String],
        pieces: Int = .max,
        hangsUp: Bool = false,
        _ body: @Sendable (FakeServer) async throws -> Void,
    ) async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    let handler = FakeHandler(answers: answers, pieces: pieces, hangsUp: hangsUp, events: continuation)
                    try child.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = FakeServer(channel: channel, events: events)
        do {
            try await body(server)
            try await channel.close()
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// Waits until so many connections have been closed.
    func waitUntilClosed(_ count: Int = 1) async {
        var closed = 0
        for await event in events {
            if case .closed = event { closed += 1 }
            if closed == count { return }
        }
    }
}

private final class FakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var answers: ArraySlice<String>
    private let pieces: Int
    private let hangsUp: Bool
    private let events: AsyncStream<FakeServer.Event>.Continuation

    init(answers: [String], pieces: Int, hangsUp: Bool, events: AsyncStream<FakeServer.Event>.Continuation) {
        self.answers = answers[...]
        self.pieces = pieces
        self.hangsUp = hangsUp
        self.events = events
    }

    func channelActive(context: ChannelHandlerContext) {
        events.yield(.accepted)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let answer = answers.popFirst() else { return }
        var bytes = ByteBuffer(string: answer)
        while bytes.readableBytes > 0 {
            guard let piece = bytes.readSlice(length: min(pieces, bytes.readableBytes)) else { return }
            context.writeAndFlush(wrapOutboundOut(piece), promise: nil)
        }
        if hangsUp, answers.isEmpty { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        events.yield(.closed)
    }
}
