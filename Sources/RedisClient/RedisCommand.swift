/// A command and its arguments, yet to be sent.
///
/// Commands that change what the connection is (`SUBSCRIBE`, `MONITOR`, `CLIENT REPLY`) or that block for longer than
/// ``RedisConfiguration/commandTimeout`` cost the connection: their replies are not one to one and in time.
public struct RedisCommand: Sendable, Hashable {
    /// The first word, such as `SET`.
    public let name: String

    /// What follows it; the second word of `SCRIPT LOAD` is an argument.
    public let arguments: [RedisArgument]

    /// A command with the arguments in a row: `RedisCommand("SET", "key", 1)`.
    public init(_ name: String, _ arguments: RedisArgument...) {
        self.init(name, arguments)
    }

    /// A command with the arguments in an array.
    public init(_ name: String, _ arguments: [RedisArgument]) {
        self.name = name
        self.arguments = arguments
    }
}

extension RedisCommand: CustomStringConvertible, CustomReflectable {
    /// The name and the number of arguments, never their values.
    public var description: String { "\(name) with \(arguments.count) arguments" }

    /// Nothing but the name, so that `dump` shows no values either.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
