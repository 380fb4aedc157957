import CLibPQ

/// What `PQconnectStartParams` is given: the connection string taken apart, and our additions.
struct ConnectionKeywords: Sendable {
    private(set) var values: [String: String] = [:]

    /// So that a half-open connection is noticed within half a minute, unless the connection string says otherwise.
    private static let defaults = [
        "keepalives_idle": "10",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "tcp_user_timeout": "25000",
        "fallback_application_name": "activityd",
    ]

    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        values = Self.defaults.merging(try Self.parse(configuration.connectionString)) { $1 }
        if let database = configuration.database { values["dbname"] = database }
        if let role = configuration.role, role != values["user"] {
            values["user"] = role
            values["password"] = nil
        } else if let password = configuration.password {
            values["password"] = password
        }
        // An unescaped "@" in the password of a URI ends up in the host, and from there in error texts.
        let hosts = (values["host"] ?? "").split(separator: ",")
        guard hosts.allSatisfy({ !$0.dropFirst().contains("@") }) else {
            throw PostgresError(
                .misuse,
                "the connection string has \"@\" in a host; write %40 for it in a password",
            )
        }
    }

    /// `text` without any password that is known here.
    func scrub(_ text: String) -> String {
        let secrets = [values["password"], values["sslpassword"]].compactMap(\.self).filter { !$0.isEmpty }
        return secrets.reduce(text) { text, secret in text.replacing(secret, with: "***") }
    }

    /// Starts to connect. Returns nil only when there is no memory; the caller owns the connection.
    func start() -> OpaquePointer? {
        let pairs = values.map { ($0.key, $0.value) }
        return Self.withCStrings(pairs.map(\.0)) { keywords in
            Self.withCStrings(pairs.map(\.1)) { values in
                PQconnectStartParams(keywords, values, 0)
            }
        }
    }

    /// libpq quotes the connection string in its complaints, so these are not passed on.
    private static func parse(_ connectionString: String) throws(PostgresError) -> [String: String] {
        guard !connectionString.utf8.contains(0), let options = PQconninfoParse(connectionString, nil) else {
            throw PostgresError(
                .misuse,
                "the connection string is not understood; accepted are postgresql://user@host:port/database?key=value "
                    + "(special characters percent-encoded) and host=… dbname=…",
            )
        }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                values[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return values
    }

    /// A null-terminated array of C strings for the length of `body`.
    private static func withCStrings<R>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R,
    ) -> R {
        let buffers = strings.map { string in
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: string.utf8.count + 1)
            _ = copy.initialize(from: string.utf8CString)
            return copy
        }
        defer { buffers.forEach { $0.deallocate() } }
        let pointers = buffers.map { UnsafePointer($0.baseAddress) } + [nil]
        return pointers.withUnsafeBufferPointer { pointers in
            guard let start = pointers.baseAddress else { preconditionFailure("an array with a last nil is not empty") }
            return body(start)
        }
    }
}
