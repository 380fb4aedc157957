import NIOCore

/// Turns bytes into replies.
///
/// After the first error it reads nothing more; whoever comes after it in the pipeline closes the channel.
final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = RESPValue

    private let reader: ReplyReader
    private var hasFailed = false

    init(reader: ReplyReader) {
        self.reader = reader
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        while !hasFailed, context.channel.isActive,
            let piece = bytes.readSlice(length: min(bytes.readableBytes, ReplyReader.largestFeed)),
            piece.readableBytes > 0
        {
            read(piece, context: context)
        }
    }

    private func read(_ piece: ByteBuffer, context: ChannelHandlerContext) {
        do throws(RedisError) {
            try feed(piece)
            while let reply = try reader.next() {
                context.fireChannelRead(wrapInboundOut(reply))
            }
        } catch {
            hasFailed = true
            context.fireErrorCaught(error)
        }
    }

    private func feed(_ piece: ByteBuffer) throws(RedisError) {
        let outcome = piece.withUnsafeReadableBytes { bytes in
            Result { () throws(RedisError) in try reader.feed(bytes) }
        }
        try outcome.get()
    }
}
