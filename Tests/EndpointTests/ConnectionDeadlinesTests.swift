import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Endpoint

/// On an event loop whose time passes only when a test says so.
@Suite("Deadlines of connections")
struct ConnectionDeadlinesTests {
    private let loop = EmbeddedEventLoop()
    private let channel: EmbeddedChannel

    init() throws {
        let deadlines = ConnectionDeadlines(idleTime: .seconds(75), headTime: .seconds(10), bodyTime: .seconds(20))
        channel = EmbeddedChannel(handler: deadlines, loop: loop)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
    }

    private func read(_ parts: HTTPServerRequestPart...) throws {
        for part in parts { channel.pipeline.fireChannelRead(part) }
        channel.pipeline.fireChannelReadComplete()
    }

    private static let head = HTTPServerRequestPart.head(.init(version: .http1_1, method: .GET, uri: "/"))

    private func respond() throws {
        try channel.writeOutbound(HTTPServerResponsePart.head(.init(version: .http1_1, status: .ok)))
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
    }

    @Test
    func anIdleConnectionIsClosed() {
        loop.advanceTime(by: .seconds(74))
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test
    func idlenessBeginsAnewWithEachExchange() throws {
        for _ in 1...3 {
            loop.advanceTime(by: .seconds(70))
            try read(Self.head, .end(nil))
            try respond()
        }
        loop.advanceTime(by: .seconds(74))
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test
    func aStreamIsNoIdleConnection() throws {
        try read(Self.head, .end(nil))
        try channel.writeOutbound(HTTPServerResponsePart.head(.init(version: .http1_1, status: .ok)))
        for _ in 0..<100 {
            loop.advanceTime(by: .seconds(80))
            try channel.writeOutbound(HTTPServerResponsePart.body(.byteBuffer(EventStreamText.heartbeat)))
        }
        #expect(channel.isActive)
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
        loop.advanceTime(by: .seconds(75))
        #expect(!channel.isActive)
    }

    @Test
    func aConnectionIsNotIdleWhileAnAnswerIsDue() throws {
        try read(Self.head, .end(nil))
        loop.advanceTime(by: .seconds(1000))
        #expect(channel.isActive)
        try respond()
        loop.advanceTime(by: .seconds(74))
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(76))
        #expect(!channel.isActive)
    }

    @Test
    func aPartOfAHeadMustBecomeARequestWithinItsTime() throws {
        for _ in 1...9 {
            try read()
            loop.advanceTime(by: .seconds(1))
        }
        #expect(channel.isActive)
        try read()
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test
    func aBodyMustArriveWithinItsOwnTime() throws {
        try read()
        loop.advanceTime(by: .seconds(9))
        try read(Self.head)
        for _ in 1...19 {
            loop.advanceTime(by: .seconds(1))
            try read(.body(ByteBuffer(string: "x")))
        }
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test
    func aRequestThatIsWholeInTimeIsFree() throws {
        try read()
        loop.advanceTime(by: .seconds(9))
        try read(Self.head, .end(nil))
        loop.advanceTime(by: .seconds(60))
        #expect(channel.isActive)
    }
}
