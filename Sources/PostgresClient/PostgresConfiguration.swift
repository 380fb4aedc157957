/// Where the server is and how to treat it.
public struct PostgresConfiguration: Sendable {
    /// A libpq URI or keyword/value string; several hosts are tried in order, `sslmode` decides about TLS.
    ///
    /// A secret: it appears in no description, error or log. Source: PostgreSQL documentation, "Connection Strings".
    public var connectionString: String
    /// Replaces the password of the connection string. A secret too.
    public var password: String?
    /// Replaces the database of the connection string.
    public var database: String?
    /// Replaces the role of the connection string, and with it its password: that belongs to the other role.
    public var role: String?
    /// How the connections are named in `pg_stat_activity`; replaces what the connection string says.
    public var applicationName: String
    /// For the whole connect: all hosts, TLS, authentication and the first settings.
    public var connectTimeout: Duration
    /// The server's `statement_timeout`; nil leaves the server's own.
    public var statementTimeout: Duration?
    /// Further settings of each session by name, such as `jit`; they win over those of the role and the database.
    public var sessionSettings: [String: String]
    /// How many connections the pool opens at most. Listening takes one more for each sequence.
    public var maximumConnections: Int

    /// Creates a configuration with defaults for all but the connection string.
    public init(connectionString: String) {
        self.connectionString = connectionString
        password = nil
        database = nil
        role = nil
        applicationName = "activityd"
        connectTimeout = .seconds(10)
        statementTimeout = nil
        sessionSettings = [:]
        maximumConnections = 4
    }

    /// Looks whether the connection string can be understood; nothing is connected.
    ///
    /// - Throws: `PostgresError` with code `misuse` when it cannot be.
    public func validate() throws(PostgresError) {
        _ = try ConnectionKeywords(self)
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Everything but the secrets.
    public var description: String {
        "PostgresConfiguration(applicationName: \(applicationName), connectTimeout: \(connectTimeout), "
            + "maximumConnections: \(maximumConnections))"
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// Shows no fields, so that `dump` reveals no more than `description`.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
