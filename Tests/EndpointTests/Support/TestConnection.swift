import NIOCore
import NIOPosix

/// A raw connection: what is sent is sent as it stands, and what comes is taken apart only so far as framing needs.
struct TestConnection {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var unread = ByteBuffer()

    /// The connection ended, or something came that is no response.
    struct Broken: Error {
        let unread: String
    }

    /// Connects, perhaps from a certain address of this machine, and closes when the body ends.
    static func with<Result: Sendable>(
        _ address: SocketAddress,
        from source: String? = nil,
        _ body: @Sendable (inout TestConnection) async throws -> Result,
    ) async throws -> Result {
        var bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        if let source { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: source, port: 0)) }
        let channel =
            try await bootstrap
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true),
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = TestConnection(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&connection)
        }
    }

    private init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    func send(_ bytes: some Collection<UInt8> & Sendable) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Says that nothing more will be sent.
    func endInput() {
        outbound.finish()
    }

    /// Sends a request and reads its response.
    mutating func get(_ target: String, method: String = "GET", _ fields: String...) async throws -> TestResponse {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: test"] + fields
        try await send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return try await response(to: method)
    }

    /// Reads the next response.
    mutating func response(to method: String = "GET") async throws -> TestResponse {
        let head = try await readHead()
        let lines = head.split(separator: "\r\n")
        let start = lines.first?.split(separator: " ", maxSplits: 2) ?? []
        guard start.count == 3, let status = Int(start[1]) else { throw Broken(unread: head) }
        let fields = lines.dropFirst().map { line in
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(sides[0]), value: String(sides[1].drop { $0 == " " }))
        }
        var response = TestResponse(version: String(start[0]), status: status, fields: fields, body: [])
        if method != "HEAD", status >= 200, status != 204, status != 304 {
            response.body = try await read(response["Content-Length"].flatMap { Int($0) } ?? 0)
        }
        return response
    }

    /// Reads up to a text, which is taken away.
    mutating func text(upTo end: String) async throws -> String {
        while true {
            let text = String(buffer: unread)
            if let found = text.firstRange(of: end) {
                let read = text[..<found.lowerBound]
                unread.moveReaderIndex(forwardBy: read.utf8.count + end.utf8.count)
                return String(read)
            }
            try await readMore()
        }
    }

    /// Whether the server has closed, with nothing left to read.
    mutating func isAtEnd() async -> Bool {
        guard unread.readableBytes == 0 else { return false }
        return (try? await inbound.next()) == nil
    }

    private mutating func readHead() async throws -> String {
        while true {
            if let length = unread.readableBytesView.withUnsafeBytes({ Self.lengthOfHead($0) }) {
                defer { unread.moveReaderIndex(forwardBy: 4) }
                return unread.readString(length: length) ?? ""
            }
            try await readMore()
        }
    }

    private mutating func read(_ count: Int) async throws -> [UInt8] {
        while unread.readableBytes < count { try await readMore() }
        return unread.readBytes(length: count) ?? []
    }

    private mutating func readMore() async throws {
        guard let bytes = try await inbound.next() else { throw Broken(unread: String(buffer: unread)) }
        unread.discardReadBytes()
        unread.writeImmutableBuffer(bytes)
    }

    /// Where the empty line is. Written by hand, since thousands of responses are read without optimisation.
    private static func lengthOfHead(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        while index + 3 < bytes.count {
            if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 {
                return index
            }
            index += 1
        }
        return nil
    }
}
