extension ValueKind where Value == String {
    /// The name of a schema as the catalogs have it; SQL quotes it.
    static var schemaName: Self {
        .scalar("a name of 1 to 63 bytes without control characters", format: \.self) { text in
            (1...63).contains(text.utf8.count) && !text.hasControlCharacters ? text : nil
        }
    }

    /// Not empty, and free of what a `MATCH` pattern of Redis would not take literally: clearing deletes by prefix.
    static var redisPrefix: Self {
        .scalar("1 to 64 printable ASCII characters without blanks and * ? [ ] \\", format: \.self) { text in
            let isLiteral =
                text.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !text.contains { "*?[]\\".contains($0) }
            return (1...64).contains(text.utf8.count) && isLiteral ? text : nil
        }
    }
}

extension ValueKind where Value == Secret {
    static var password: Self {
        secret("any text without a null character") { _ in true }
    }

    /// Only the shape is looked at, libpq reads the rest.
    static var databaseURL: Self { postgresURL(orEmpty: "libpq's defaults") }

    /// The same, and there may be no such server.
    static var replicaURL: Self { postgresURL(orEmpty: "none").orEmptyForNone() }

    private static func postgresURL(orEmpty meaning: String) -> Self {
        secret("postgresql://user@host:port/database?key=value or host=… dbname=…, or empty for \(meaning)") {
            $0.isEmpty || $0.hasPrefix("postgresql://") || $0.hasPrefix("postgres://") || $0.contains("=")
        }
    }

    /// Only the scheme is looked at, the client reads the rest.
    static var redisURL: Self {
        let accepted =
            "redis://[user[:password]@]host[:port][/database], the same as rediss://, "
            + "redis-sentinel://[user[:password]@]host[:port][,…][/database]?master=name, the same as "
            + "rediss-sentinel://, or unix:///path/to.sock"
        let schemes = ["redis://", "rediss://", "redis-sentinel://", "rediss-sentinel://", "unix://"]
        return secret(accepted) { url in schemes.contains { url.hasPrefix($0) } }
    }

    private static func secret(_ accepted: String, isAccepted: @escaping @Sendable (String) -> Bool) -> Self {
        .scalar(accepted, format: \.revealed) { text in
            !text.utf8.contains(0) && isAccepted(text) ? Secret(text) : nil
        }
    }
}

extension ValueKind where Value == Bool {
    static var boolean: Self {
        .scalar("true or false", format: \.description) { Bool($0.trimmed) }
    }
}

extension ValueKind where Value: RawRepresentable<String> & CaseIterable {
    /// One of the names of an enum.
    static var name: Self {
        let names = Value.allCases.map(\.rawValue)
        let accepted = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
        return .scalar(accepted, format: \.rawValue) { Value(rawValue: $0.trimmed) }
    }
}

extension String {
    fileprivate var hasControlCharacters: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
