/// Why something asked of Redis did not happen.
///
/// Neither the message nor the description holds a credential, a key or a value, so both may be logged.
public struct RedisError: Error, Sendable, Hashable {
    /// What kind of failure it is.
    public enum Code: Sendable, Hashable {
        /// There was no connection to send on, so the command was certainly not executed.
        case notConnected
        /// A connection could not be made: name resolution, TCP, TLS or the greeting failed.
        case connectionFailed
        /// The connection went away with the command in flight; whether it was executed is unknown.
        case connectionLost
        /// The server refused the user name or password, or demands one.
        case authenticationFailed
        /// No reply came in time; the connection was closed, and whether the command was executed is unknown.
        case timedOut
        /// The calling task was cancelled; a command that was already sent may still be executed.
        case cancelled
        /// The server answered with an error, whose first word is the prefix: `NOSCRIPT`, `OOM`, `READONLY`, `ERR`.
        case server(prefix: String)
        /// The server sent what is not RESP2, what exceeds a limit, or what nobody asked for.
        case protocolViolation
        /// The text given as the server's URL cannot be used.
        case invalidURL
        /// The consumer of a subscription did not keep up, and its bounded buffer is full.
        case subscriberTooSlow
    }

    /// What kind of failure it is.
    public let code: Code

    /// What was refused, and what would be accepted, for a person to read.
    public let message: String

    /// Creates an error; the message must hold no credential, key or value.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same call may succeed later with nothing changed on our side.
    ///
    /// After ``Code/connectionLost`` and ``Code/timedOut`` the first attempt may have been executed as well: only
    /// repeat what is harmless twice.
    public var isRetriable: Bool {
        switch code {
        case .notConnected, .connectionFailed, .connectionLost, .timedOut: true
        case .server(let prefix): Self.passingPrefixes.contains(prefix)
        case .authenticationFailed, .cancelled, .protocolViolation, .invalidURL, .subscriberTooSlow: false
        }
    }

    /// The server's errors that speak of its state rather than of the command.
    private static let passingPrefixes: Set<String> = [
        "BUSY", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM", "READONLY", "TRYAGAIN",
    ]
}

extension RedisError: CustomStringConvertible {
    /// The code and the message.
    public var description: String {
        switch code {
        case .server(let prefix): "server(\(prefix)): \(message)"
        default: "\(code): \(message)"
        }
    }
}
