import CHiredis

/// The reply parser of hiredis, with the guards that it lacks.
///
/// It owns the C reader and frees it; what the C reader has found so far belongs to the ``ReplyBuilder``. After an error
/// it is of no more use, as hiredis has thrown its buffer away.
final class ReplyReader {
    /// What a server may make us keep.
    struct Limits {
        /// The size of one reply, and of one string in it.
        var replyBytes = 64 << 20
        /// The length of a line: a status, an error, a number, a header.
        var lineBytes = 64 << 10
        /// The elements of all arrays of one reply together.
        var elements = 1_000_000
    }

    /// The most that may be fed at a time: hiredis copies what it is fed.
    static let largestFeed = 64 << 10

    private let limits: Limits
    private let reader: UnsafeMutablePointer<redisReader>
    private let builder: ReplyBuilder
    private var replyBytes = 0

    init(limits: Limits = Limits()) throws(RedisError) {
        guard let reader = redisReaderCreateWithFunctions(ReplyFunctions.table) else {
            throw RedisError(code: .connectionFailed, message: "no memory for a reply reader")
        }
        self.limits = limits
        self.reader = reader
        builder = ReplyBuilder(elementLimit: limits.elements)
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
    }

    deinit {
        redisReaderFree(reader)
    }

    /// Adds bytes as they came, at most ``largestFeed``; call ``next()`` until it answers nil before feeding more.
    func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        precondition(bytes.count <= Self.largestFeed, "fed \(bytes.count) bytes at once")
        guard redisReaderFeed(reader, bytes.baseAddress, bytes.count) == REDIS_OK else { throw failure() }
        replyBytes += bytes.count
    }

    /// The next complete reply, or nil when more bytes are needed.
    func next() throws(RedisError) -> RESPValue? {
        var taken: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &taken) == REDIS_OK else { throw failure() }
        guard taken != nil else {
            try checkUnfinished()
            return nil
        }
        replyBytes = unparsedBytes
        return builder.take()
    }

    private var unparsedBytes: Int { reader.pointee.len - reader.pointee.pos }

    private func checkUnfinished() throws(RedisError) {
        guard replyBytes <= limits.replyBytes else {
            throw Self.violation("a reply is larger than \(limits.replyBytes) bytes")
        }
        guard reader.pointee.ridx >= 0 else { return }
        if currentType == REDIS_REPLY_STRING {
            try checkAnnouncedLength()
        } else if unparsedBytes > limits.lineBytes {
            // hiredis searches an unfinished line from its start at every feed.
            throw Self.violation("a line is longer than \(limits.lineBytes) bytes")
        }
    }

    /// Looks at the header of an unfinished bulk string, which hiredis leaves unparsed until the string is complete.
    private func checkAnnouncedLength() throws(RedisError) {
        let longestHeader = 22
        let start = UnsafeRawPointer(reader.pointee.buf)?.advanced(by: reader.pointee.pos)
        let header = UnsafeRawBufferPointer(start: start, count: min(unparsedBytes, longestHeader))
        guard let end = header.firstIndex(of: UInt8(ascii: "\r")) else {
            guard header.count < longestHeader else { throw Self.violation("the length of a string is not a number") }
            return
        }
        guard let length = Int(String(decoding: header[..<end], as: UTF8.self)), length <= limits.replyBytes else {
            throw Self.violation("a string is announced as larger than \(limits.replyBytes) bytes")
        }
    }

    private var currentType: CInt {
        withUnsafeBytes(of: &reader.pointee.rstack) { stack in
            stack.assumingMemoryBound(to: redisReadTask.self)[Int(reader.pointee.ridx)].type
        }
    }

    private func failure() -> RedisError {
        if let refusal = builder.refusal { return Self.violation(refusal) }
        return withUnsafeBytes(of: &reader.pointee.errstr) { text in
            Self.violation(String(decoding: text.prefix { $0 != 0 }, as: UTF8.self))
        }
    }

    private static func violation(_ reason: String) -> RedisError {
        RedisError(code: .protocolViolation, message: "the server does not speak RESP2 as it should: \(reason)")
    }
}
