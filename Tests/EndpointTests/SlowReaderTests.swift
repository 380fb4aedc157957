import Activity
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Endpoint

/// Clients that ask for much and take little. The server's side of them is a real socket.
@Suite("Slow readers", .timeLimit(.minutes(1)))
struct SlowReaderTests {
    /// More than a socket takes that nobody reads from.
    private static let size = 6 << 20
    private static let snapshot = Fixture.snapshot(withDocumentsOf: size)
    private static let request = "GET /api/activity/collections HTTP/1.1\r\nHost: test\r\n\r\n"

    @Test
    func areResetWhenTheyTakeNothing() async throws {
        try await TestServer.with(Self.snapshot, configure: { $0.writeStall = .milliseconds(100) }) { server in
            let client = try await StallingClient.connect(to: server)
            try await client.send(Self.request)
            // Nothing is read, so only a reset can be noticed.
            await client.waitForReset()
        }
    }

    @Test
    func mayTakeAllTheTimeAsLongAsTheyTakeSomething() async throws {
        let short = { (configuration: inout EndpointConfiguration) in
            configuration.writeStall = .seconds(2)
            configuration.idleTimeout = .seconds(2)
        }
        try await TestServer.with(Self.snapshot, configure: short) { server in
            let client = try await StallingClient.connect(to: server, pausingEvery: 1 << 20, for: .milliseconds(400))
            try await client.send(Self.request)
            #expect(await client.read(Self.size) >= Self.size)
        }
    }

    @Test
    func doNotKeepOthersWaiting() async throws {
        try await TestServer.with(Self.snapshot) { server in
            let client = try await StallingClient.connect(to: server)
            try await client.send(Self.request)
            for _ in 1...20 { #expect(try await server.get("/livez").status == 200) }
            try await client.close()
        }
    }
}

/// A client that reads nothing, or as slowly as it is told to.
private struct StallingClient {
    private let channel: any Channel
    private let reader: SlowReader

    static func connect(
        to server: TestServer,
        pausingEvery step: Int = .max,
        for pause: TimeAmount = .zero,
    ) async throws -> StallingClient {
        let reader = SlowReader(step: step, pause: pause)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.autoRead, value: false)
            .channelInitializer { $0.pipeline.addHandler(reader) }
            .connect(to: try await server.endpoint.localAddress)
            .get()
        return StallingClient(channel: channel, reader: reader)
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    func close() async throws {
        try await channel.close()
    }

    /// A reset is an event of the socket that needs no reading.
    func waitForReset() async {
        try? await channel.closeFuture.get()
    }

    /// Reads until so many bytes came or the connection ended, and says how many came.
    func read(_ count: Int) async -> Int {
        channel.read()
        for await received in reader.progress where received >= count { return received }
        return reader.received
    }
}

/// Asks for more on its event loop, where no other test can keep it waiting.
private final class SlowReader: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let step: Int
    private let pause: TimeAmount
    private let count = Atomic(0)
    private let continuation: AsyncStream<Int>.Continuation
    let progress: AsyncStream<Int>

    init(step: Int, pause: TimeAmount) {
        self.step = step
        self.pause = pause
        (progress, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var received: Int { count.load(ordering: .relaxed) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).readableBytes
        let (before, after) = count.wrappingAdd(bytes, ordering: .relaxed)
        continuation.yield(after)
        guard before / step != after / step else { return context.read() }
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        continuation.finish()
    }
}
