/// The variables of the Node.js service that this daemon replaces, as fallbacks of our keys.
///
/// Those of one server belong together: once `database.url`, `redis.url` or `http.listen` is written anywhere, the
/// predecessor's host must not meet our password or the other way round, so all of that group are ignored.
struct PredecessorVariables {
    /// Directus is not asked over HTTP, nothing is warmed or slow.
    private static let withoutEffect: Set = [
        "DIRECTUS_TOKEN", "DIRECTUS_URL", "ENABLE_CACHE_WARMING", "ENABLE_QUERY_LOGGING", "SLOW_QUERY_THRESHOLD",
    ]

    private let variables: [String: EnvironmentVariable]
    private let given: Set<String>
    private var reading = ConfigurationReading()

    /// `variables` are in rising precedence; `given` are the names of the keys that another source writes.
    static func read(_ variables: [EnvironmentVariable], given: Set<String>) -> ConfigurationReading {
        var predecessor = PredecessorVariables(variables, given: given)
        predecessor.readDatabase()
        predecessor.readRedis()
        predecessor.readPort()
        predecessor.noteThoseWithoutEffect()
        return predecessor.reading
    }

    private init(_ variables: [EnvironmentVariable], given: Set<String>) {
        self.variables = Dictionary(variables.map { ($0.name, $0) }) { $1 }
        self.given = given
    }

    private mutating func readDatabase() {
        let keywords = [
            ("host", ["POSTGRES_HOST"]),
            ("port", ["POSTGRES_PORT"]),
            ("user", ["POSTGRES_USER"]),
            ("dbname", ["POSTGRES_DATABASE", "POSTGRES_DB"]),
        ]
        let password = variables["POSTGRES_PASSWORD"]
        let found = keywords.compactMap { keyword, names in
            names.compactMap { variables[$0] }.first.map { (keyword, $0) }
        }
        guard isGroupUsed(found.map(\.1) + [password].compactMap(\.self), unlessGiven: "database.url") else { return }
        refuseUnlessPort(variables["POSTGRES_PORT"])
        let text = found.map { keyword, variable in "\(keyword)=\(Self.libpqQuoted(variable.value))" }
        assign(text.joined(separator: " "), to: "database.url", from: found.map(\.1))
        assign(password?.value ?? "", to: "database.password", from: [password].compactMap(\.self))
    }

    private mutating func readRedis() {
        let host = variables["REDIS_HOST"]
        let port = variables["REDIS_PORT"]
        let password = variables["REDIS_PASSWORD"]
        let server = [host, port].compactMap(\.self)
        guard isGroupUsed(server + [password].compactMap(\.self), unlessGiven: "redis.url") else { return }
        refuseUnlessPort(port)
        let name = host?.value ?? "127.0.0.1"
        let bracketed = name.contains(":") && !name.hasPrefix("[") ? "[\(name)]" : name
        assign("redis://\(bracketed):\(port?.value ?? "6379")", to: "redis.url", from: server)
        assign(password?.value ?? "", to: "redis.password", from: [password].compactMap(\.self))
    }

    private mutating func readPort() {
        guard let port = variables["PORT"], isGroupUsed([port], unlessGiven: "http.listen") else { return }
        refuseUnlessPort(port)
        if Self.isPort(port.value) {
            assign("\(ListenAddress.standard.host):\(port.value)", to: "http.listen", from: [port])
        }
    }

    private mutating func noteThoseWithoutEffect() {
        let names = variables.keys.filter { $0.hasPrefix("CACHE_TTL_") || Self.withoutEffect.contains($0) }
        guard !names.isEmpty else { return }
        reading.notes.append("known from the predecessor and without effect: \(names.sorted().joined(separator: ", "))")
    }

    private mutating func isGroupUsed(_ group: [EnvironmentVariable], unlessGiven key: String) -> Bool {
        guard !group.isEmpty, given.contains(key) else { return !group.isEmpty }
        let names = group.map(\.name).joined(separator: ", ")
        reading.notes.append("ignored because \(key) is set: \(names)")
        return false
    }

    private mutating func refuseUnlessPort(_ variable: EnvironmentVariable?) {
        guard let variable, !Self.isPort(variable.value) else { return }
        let value = RefusedValue(variable.value).description
        reading.refuse(nil, .refused(value: value, accepted: "a port from 1 to 65535"), from: variable.origin)
    }

    private mutating func assign(_ text: String, to name: String, from variables: [EnvironmentVariable]) {
        guard let first = variables.first?.origin, let key = ConfigurationKey.byName[name] else { return }
        let origin = variables.count == 1 ? first : .combined(variables.map(\.origin))
        reading.assign(text, to: key, from: origin)
    }

    private static func isPort(_ text: String) -> Bool {
        text.utf8.first != UInt8(ascii: "+") && Int(text).map { (1...65_535).contains($0) } ?? false
    }

    /// In single quotes, with `\'` and `\\`: PostgreSQL documentation, "Keyword/Value Connection Strings".
    private static func libpqQuoted(_ text: String) -> String {
        let escaped = text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }
        return "'\(escaped.joined())'"
    }
}
