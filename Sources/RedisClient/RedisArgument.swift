/// One argument of a command: text, a number or bytes, all the same to Redis.
public struct RedisArgument: Sendable, Hashable {
    enum Storage: Sendable, Hashable {
        case text(String)
        case bytes([UInt8])
    }

    let storage: Storage

    /// An argument of this text as UTF-8.
    public init(_ text: String) {
        storage = .text(text)
    }

    /// An argument of this number in decimal.
    public init(_ number: Int64) {
        storage = .text(String(number))
    }

    /// An argument of this number in decimal.
    public init(_ number: Int) {
        storage = .text(String(number))
    }

    /// An argument of these bytes.
    public init(_ bytes: [UInt8]) {
        storage = .bytes(bytes)
    }
}

extension RedisArgument: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    /// An argument of this text as UTF-8.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// An argument of this number in decimal.
    public init(integerLiteral value: Int64) {
        self.init(value)
    }
}
