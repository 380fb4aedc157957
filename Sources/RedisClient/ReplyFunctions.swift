import CHiredis

/// What hiredis calls for each piece of a reply.
///
/// `privdata` of every task is the reader's ``ReplyBuilder``, unretained: ``ReplyReader`` keeps it for longer than the
/// reader. The pointer that each function returns is that same pointer and stands for "taken"; hiredis keeps
/// it, never looks into it, and has no `freeObject`, because nothing is its to free. NULL stands for "refused", which
/// hiredis reports as being out of memory.
enum ReplyFunctions {
    /// The table, made once and never freed: every reader points to it.
    ///
    /// `nonisolated(unsafe)` because hiredis only reads it, so threads may share it.
    nonisolated(unsafe) static let table: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        let table = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        table.initialize(
            to: redisReplyObjectFunctions(
                createString: { task, bytes, length in ReplyFunctions.string(task, bytes, length) },
                createArray: { task, elements in
                    ReplyFunctions.build(task) { builder, _ in builder.openArray(elements: Int(elements)) }
                },
                createInteger: { task, number in
                    ReplyFunctions.build(task) { builder, _ in
                        builder.add(.integer(number))
                        return true
                    }
                },
                createNil: { task in
                    ReplyFunctions.build(task) { builder, _ in
                        builder.add(.null)
                        return true
                    }
                },
                freeObject: nil,
            )
        )
        return table
    }()

    /// A bulk string, status or error. Two bytes follow it in hiredis's buffer, which does not look whether they are
    /// the end of a line; if they are not, the stream is out of step.
    private static func string(
        _ task: UnsafePointer<redisReadTask>?,
        _ bytes: UnsafeMutablePointer<CChar>?,
        _ length: Int,
    ) -> UnsafeMutableRawPointer? {
        build(task) { builder, type in
            let text = UnsafeRawBufferPointer(start: bytes, count: length + 2)
            guard text[length] == UInt8(ascii: "\r"), text[length + 1] == UInt8(ascii: "\n") else {
                builder.refuse("a string is longer than announced")
                return false
            }
            builder.add(value(of: type, UnsafeRawBufferPointer(rebasing: text[..<length])))
            return true
        }
    }

    private static func value(of type: CInt, _ bytes: UnsafeRawBufferPointer) -> RESPValue {
        switch type {
        case REDIS_REPLY_STATUS: .status(String(decoding: bytes, as: UTF8.self))
        case REDIS_REPLY_ERROR: .error(String(decoding: bytes, as: UTF8.self))
        default: .string([UInt8](bytes))
        }
    }

    private static func build(
        _ task: UnsafePointer<redisReadTask>?,
        _ body: (ReplyBuilder, _ type: CInt) -> Bool,
    ) -> UnsafeMutableRawPointer? {
        guard let task, let pointer = task.pointee.privdata else { return nil }
        let builder = Unmanaged<ReplyBuilder>.fromOpaque(pointer).takeUnretainedValue()
        return body(builder, task.pointee.type) ? pointer : nil
    }
}
