import Glibc
import NIOCore

/// Writes to a connection's socket past its pipeline and the queue of what waits to be written, which take a quarter of
/// the time that a short answer takes outside of the kernel.
///
/// To be used on the connection's event loop, while it is active and nothing waits in its queue.
struct DirectSocket {
    private let descriptor: NIOBSDSocket.Handle

    /// Nil for a connection that is made of no socket.
    init?(_ pipeline: ChannelPipeline) {
        let operations = pipeline.syncOperations
        guard let descriptor = try? operations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self, { $0 })
        else { return nil }
        self.descriptor = descriptor
    }

    /// Writes what the kernel takes at once, and removes it from the buffers.
    ///
    /// - Returns: whether that is all. If not, the rest is to be written through the pipeline, which waits until the
    ///   socket can be written to, or finds out what is wrong with it.
    func write(_ head: inout ByteBuffer, _ body: inout ByteBuffer) -> Bool {
        let written = head.withUnsafeReadableBytes { head in
            body.withUnsafeReadableBytes { body in send(head, body) }
        }
        guard written > 0 else { return false }
        let ofHead = min(written, head.readableBytes)
        head.moveReaderIndex(forwardBy: ofHead)
        body.moveReaderIndex(forwardBy: written - ofHead)
        return head.readableBytes == 0 && body.readableBytes == 0
    }

    /// The number of bytes that were taken; negative when none can be.
    private func send(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) -> Int {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { parts in
            parts.initializeElement(at: 0, to: iovec(head))
            parts.initializeElement(at: 1, to: iovec(body))
            var message = msghdr()
            message.msg_iov = parts.baseAddress
            message.msg_iovlen = parts.count
            // That a client has gone is told by the result, and not by a signal.
            return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
        }
    }
}

extension iovec {
    /// Bytes that are only read.
    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
        self.init(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }
}
