import CZlib

/// Compression to the gzip format (RFC 1952).
///
/// The header carries no time, so the same bytes always come out of the same bytes, as a strong entity tag demands.
enum Gzip {
    /// 15 bits of window, and 16 to ask for a gzip header instead of zlib's own.
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8
    private static let level: Int32 = 6

    /// The compressed bytes; nil when zlib found no memory.
    ///
    /// zlib owns nothing beyond this call: `deflateEnd` frees its state on every path once `deflateInit2_` succeeded.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        // zlib refuses a stream that has moved in memory since it was made.
        return withUnsafeMutablePointer(to: &stream) { stream in
            guard begin(stream) == Z_OK else { return nil }
            defer { deflateEnd(stream) }
            let bound = Int(deflateBound(stream, UInt(bytes.count)))
            var status = Z_OK
            let compressed = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
                status = finish(stream, bytes, into: output)
                count = bound - Int(stream.pointee.avail_out)
            }
            return status == Z_STREAM_END ? compressed : nil
        }
    }

    private static func begin(_ stream: UnsafeMutablePointer<z_stream>) -> Int32 {
        let size = Int32(MemoryLayout<z_stream>.size)
        let strategy = Z_DEFAULT_STRATEGY
        return deflateInit2_(stream, level, Z_DEFLATED, windowBits, memoryLevel, strategy, ZLIB_VERSION, size)
    }

    /// One call does it all, since the output has room for the worst case.
    private static func finish(
        _ stream: UnsafeMutablePointer<z_stream>,
        _ bytes: [UInt8],
        into output: UnsafeMutableBufferPointer<UInt8>,
    ) -> Int32 {
        bytes.withUnsafeBufferPointer { input in
            // zlib declares its input mutable and only reads it.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            return deflate(stream, Z_FINISH)
        }
    }
}
