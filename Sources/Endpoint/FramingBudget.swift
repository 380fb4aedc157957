import NIOCore
import NIOHTTP1

/// Bounds what a request may have beside its fields and its body: empty lines, blanks, chunk sizes and extensions, of
/// which the decoder takes any number. Counts requests on the way.
final class FramingBudget {
    /// As much as a head may have, and what stands between its fields.
    private static let limit = HeadLimits.block + 16 * HeadLimits.fields

    private var bytes = 0
    /// Heads that the decoder has seen.
    private(set) var requests = 0
    /// Whether the last request has come to its end.
    private(set) var isBetweenRequests = true

    /// Counts what comes from the socket. Stands before the decoder.
    final class Input: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias InboundOut = ByteBuffer

        private let budget: FramingBudget

        init(_ budget: FramingBudget) {
            self.budget = budget
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            budget.bytes += unwrapInboundIn(data).readableBytes
            context.fireChannelRead(data)
        }
    }

    /// Takes off what was of use, and refuses when too much is left. Stands behind the decoder.
    final class Output: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias InboundOut = HTTPServerRequestPart

        private let budget: FramingBudget
        private var isExceeded = false

        init(_ budget: FramingBudget) {
            self.budget = budget
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !isExceeded else { return }
            switch unwrapInboundIn(data) {
            case .head:
                budget.bytes = 0
                budget.requests += 1
                budget.isBetweenRequests = false
            case .body(let part): budget.bytes -= part.readableBytes
            case .end:
                budget.bytes = 0
                budget.isBetweenRequests = true
            }
            context.fireChannelRead(data)
        }

        func channelReadComplete(context: ChannelHandlerContext) {
            if budget.bytes > FramingBudget.limit, !isExceeded {
                isExceeded = true
                context.fireErrorCaught(HTTPParserError.invalidChunkSize)
            }
            context.fireChannelReadComplete()
        }
    }
}
