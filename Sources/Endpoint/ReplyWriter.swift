import NIOCore
import NIOHTTP1
import Synchronization

/// Writes the body of an answer that has no end of its own: see `Reply.stream`.
///
/// A write returns once the connection has taken the bytes, so whoever waits for it has no more than that in memory.
final class ReplyWriter: Sendable {
    private let channel: any Channel
    private let stallTime: TimeAmount
    private let count = Atomic<Int>(0)

    /// - Parameters:
    ///   - channel: the connection, on which the head was written.
    ///   - stallTime: a reader that does not take what is written in so long is given up.
    init(_ channel: any Channel, stallTime: TimeAmount) {
        self.channel = channel
        self.stallTime = stallTime
    }

    /// The bytes written so far.
    var bytes: Int { count.load(ordering: .relaxed) }

    /// Throws when the connection is closed.
    func write(_ bytes: ByteBuffer) async throws {
        count.wrappingAdd(bytes.readableBytes, ordering: .relaxed)
        let stall = channel.eventLoop.scheduleTask(in: stallTime) { self.channel.close(promise: nil) }
        defer { stall.cancel() }
        try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(bytes))).get()
    }
}
