import NIOCore
import NIOHTTP1

extension Reply {
    /// Larger bodies stay as they are: others wait on the event loop meanwhile.
    private static let mostCompressed = 256 << 10

    /// The same in the coding that the reader likes best; what has its own codings, such as documents, stays as it is.
    func encoded(for request: Request) -> Reply {
        guard isCompressible, let body else { return self }
        guard (EncodedResponse.compressibleSize...Self.mostCompressed).contains(body.readableBytes) else { return self }
        var reply = self
        let fields = headers["vary"] + ["Accept-Encoding"]
        reply.headers.replaceOrAdd(name: "Vary", value: fields.joined(separator: ", "))
        guard request.preferredCoding == .gzip,
            let compressed = EncodedResponse.compress(Array(body.readableBytesView))
        else { return reply }
        reply.headers.add(name: "Content-Encoding", value: "gzip")
        reply.headers.replaceOrAdd(name: "Content-Length", value: String(compressed.count))
        reply.body = ByteBuffer(bytes: compressed)
        return reply
    }
}
