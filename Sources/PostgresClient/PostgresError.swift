/// Why something asked of PostgreSQL failed.
///
/// `description` is fit for logs: it holds no SQL text, no values and no credentials. `message`, `detail` and `hint` are
/// the server's own words and may quote values.
public struct PostgresError: Error, Sendable, Hashable {
    /// What went wrong, as far as a caller can act on it.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// No connection could be made.
        case connectionFailed
        /// The connection ended while it was in use, or had ended before; the outcome of the statement is unknown.
        case connectionLost
        /// The server refused or aborted the statement; see `sqlState`.
        case server
        /// Our own deadline passed.
        case timedOut
        /// The task was cancelled, or somebody called `cancel()`.
        case cancelled
        /// A value does not have the type that was asked for.
        case decodingFailed
        /// The pool is closed.
        case poolClosed
        /// The caller broke a rule of this interface; retrying will not help.
        case misuse
        /// The server or libpq answered something that this client does not know.
        case unexpectedAnswer
    }

    /// The fields of an error report from the server.
    ///
    /// Source: PostgreSQL documentation, "Error and Notice Message Fields".
    public struct ServerFields: Sendable, Hashable {
        /// Five characters that name the condition, for example `23505`.
        public var sqlState: String?
        /// `ERROR`, `FATAL` or `PANIC`, never translated.
        public var severity: String?
        /// A second sentence; often quotes values.
        public var detail: String?
        /// Advice.
        public var hint: String?
        /// Schema of the object at fault.
        public var schemaName: String?
        /// Table at fault.
        public var tableName: String?
        /// Column at fault.
        public var columnName: String?
        /// Constraint that was violated.
        public var constraintName: String?

        /// Creates fields; all are optional, as they are in the protocol.
        public init(sqlState: String? = nil, severity: String? = nil) {
            self.sqlState = sqlState
            self.severity = severity
        }
    }

    /// What went wrong.
    public let code: Code
    /// The primary message. From the server it may quote a value; use `description` for logs.
    public let message: String
    /// What the server reported, when it was the server that failed.
    public let server: ServerFields?

    /// Creates an error.
    public init(_ code: Code, _ message: String, server: ServerFields? = nil) {
        self.code = code
        self.message = message
        self.server = server
    }
}

extension PostgresError {
    /// Five characters that name the server's condition.
    public var sqlState: String? { server?.sqlState }
    /// `ERROR`, `FATAL` or `PANIC`.
    public var severity: String? { server?.severity }
    /// A second sentence of the server; often quotes values.
    public var detail: String? { server?.detail }
    /// The server's advice.
    public var hint: String? { server?.hint }
    /// Schema of the object at fault.
    public var schemaName: String? { server?.schemaName }
    /// Table at fault.
    public var tableName: String? { server?.tableName }
    /// Column at fault.
    public var columnName: String? { server?.columnName }
    /// Constraint that was violated.
    public var constraintName: String? { server?.constraintName }

    /// Whether the same call may succeed later without anything else being changed.
    ///
    /// A retried statement may have taken effect already when the connection was lost: make it idempotent.
    public var isRetriable: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .timedOut: true
        case .server: sqlState.map(Self.isTransient) ?? false
        case .cancelled, .decodingFailed, .poolClosed, .misuse, .unexpectedAnswer: false
        }
    }

    /// Conflicts (class 40), lost connections (08), shortage (53), lock not available, cancelled or shut down.
    private static func isTransient(_ sqlState: String) -> Bool {
        let classes = ["08", "40", "53"]
        let states: Set = ["55P03", "57014", "57P01", "57P02", "57P03"]
        return classes.contains { sqlState.hasPrefix($0) } || states.contains(sqlState)
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Code, SQLSTATE and primary message, fit for logs.
    public var description: String {
        let state = sqlState.map { " \($0)" } ?? ""
        return "PostgreSQL \(code.rawValue)\(state): \(loggableMessage)"
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// Shows no fields, so that `dump` and failed expectations reveal no more than `description`.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }

    /// Messages of data exceptions and syntax errors quote values and SQL text: cut at the first quotation mark.
    private var loggableMessage: String {
        guard let sqlState, sqlState.hasPrefix("22") || sqlState == "42601" else { return message }
        let quotes: Set<Character> = ["\"", "'", "«", "»", "„", "“", "”", "‘", "’"]
        guard let quote = message.firstIndex(where: quotes.contains) else { return message }
        return message[..<quote] + "…"
    }
}
