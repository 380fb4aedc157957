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
            configuration.writeStall = .seconds(1)
            configuration.idleTimeout = .seconds(1)
        }
        try await TestServer.with(Self.snapshot, configure: short) { server in
            let client = try await StallingClient.connect(to: server)
            try await client.send(Self.request)
            let count = try await client.read(Self.size, pausingEvery: 1 << 20, for: .milliseconds(250))
            #expect(count >= Self.size)
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

/// A client that reads only when it is told to.
private struct StallingClient {
    private let channel: any Channel
    private let received: Received

    static func connect(to server: TestServer) async throws -> StallingClient {
        let received = Received()
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.autoRead, value: false)
            .channelInitializer { $0.pipeline.addHandler(Counter(received)) }
            .connect(to: try await server.endpoint.localAddress)
            .get()
        return StallingClient(channel: channel, received: received)
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

    /// Reads until so many bytes came or the connection ended, and pauses now and then.
    func read(_ count: Int, pausingEvery step: Int, for pause: Duration) async throws -> Int {
        var next = step
        while received.count < count, channel.isActive {
            channel.read()
            await received.waitForMore()
            guard received.count >= next else { continue }
            next += step
            try await Task.sleep(for: pause)
        }
        return received.count
    }

    /// What came, and a signal for each time that something did.
    private final class Received: Sendable {
        private let bytes = Atomic(0)
        private let arrivals = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

        var count: Int { bytes.load(ordering: .relaxed) }

        func add(_ count: Int) {
            bytes.wrappingAdd(count, ordering: .relaxed)
            arrivals.continuation.yield()
        }

        func end() {
            arrivals.continuation.finish()
        }

        func waitForMore() async {
            for await _ in arrivals.stream { break }
        }
    }

    private final class Counter: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let received: Received

        init(_ received: Received) {
            self.received = received
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received.add(unwrapInboundIn(data).readableBytes)
        }

        func channelInactive(context: ChannelHandlerContext) {
            received.end()
        }
    }
}
