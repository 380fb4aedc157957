/// One reply of RESP2, the protocol of Redis.
///
/// Source: <https://redis.io/docs/latest/develop/reference/protocol-spec/>.
public enum RESPValue: Sendable, Hashable {
    /// No value: a null bulk string or a null array.
    case null
    /// A bulk string; any bytes, up to 64 MiB.
    case string([UInt8])
    /// A status line such as `OK`; bytes that are not UTF-8 are replaced.
    case status(String)
    /// A signed integer.
    case integer(Int64)
    /// An error as an element of an array, such as a failed command of `EXEC`; never what ``RedisClient`` returns itself.
    case error(String)
    /// An array, with at most 1,000,000 elements in the whole reply and 8 levels.
    case array([RESPValue])
}

extension RESPValue {
    /// The text of a status, or of a string when it is valid UTF-8.
    public var text: String? {
        switch self {
        case .status(let text): text
        case .string(let bytes): String(validating: bytes, as: UTF8.self)
        case .null, .integer, .error, .array: nil
        }
    }

    /// The number of an integer, or of a string that is written as one.
    public var int: Int64? {
        if case .integer(let number) = self { return number }
        return text.flatMap { Int64($0) }
    }

    /// The bytes of a string.
    public var bytes: [UInt8]? {
        guard case .string(let bytes) = self else { return nil }
        return bytes
    }

    /// The elements of an array.
    public var elements: [RESPValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// Whether there is no value.
    public var isNull: Bool { self == .null }
}
