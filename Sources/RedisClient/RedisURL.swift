/// A URL taken apart as text, and the rules about what its parts may be.
struct RedisURL {
    private static let accepted =
        "accepted are redis://[user[:password]@]host[:port][/database], the same as rediss:// with "
        + "?cafile=/path.pem or ?verify=none, redis-sentinel:// and rediss-sentinel:// with the hosts of sentinels, "
        + "separated by commas, and ?master=name, and unix:///path/to.sock[?db=number]"

    private var scheme: Substring
    private var userInfo: Substring?
    private var hostAndPort: Substring
    private var path: Substring
    private var query: Substring?

    init(_ url: String) throws(RedisError) {
        guard let separator = url.firstRange(of: "://") else { throw Self.refused("it has no ://") }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Self.refused("it has a space or control character; write it as %20 and the like")
        }
        guard !url.contains("#") else { throw Self.refused("it has a #; in a password write it as %23") }
        scheme = url[..<separator.lowerBound]
        let rest = url[separator.upperBound...]
        let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        let tail = rest[authorityEnd...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = tail.first ?? ""
        query = tail.dropFirst().first
        let at = authority.lastIndex(of: "@")
        userInfo = at.map { authority[..<$0] }
        hostAndPort = at.map { authority[authority.index(after: $0)...] } ?? authority
    }

    func configuration() throws(RedisError) -> RedisConfiguration {
        switch scheme.lowercased() {
        case "redis": return try server(tls: nil)
        case "rediss": return try server(tls: RedisTLS())
        case "redis-sentinel": return try master(tls: nil)
        case "rediss-sentinel": return try master(tls: RedisTLS())
        case "unix": return try unixSocket()
        default: throw Self.refused("its scheme is not known")
        }
    }

    private func server(tls: RedisTLS?) throws(RedisError) -> RedisConfiguration {
        var tls = tls
        for parameter in try parameters() {
            guard Self.take(parameter, &tls) else { throw Self.unknownParameter }
        }
        let (host, port) = try Self.hostAndPort(hostAndPort, defaultPort: 6_379)
        return try configuration(
            address: .tcp(host: host, port: port),
            database: database(path.dropFirst()),
            tls: tls,
        )
    }

    private func master(tls: RedisTLS?) throws(RedisError) -> RedisConfiguration {
        var tls = tls
        var sentinels = RedisSentinels(try sentinelNodes(), masterName: "")
        for parameter in try parameters() {
            guard Self.take(parameter, &tls) || Self.take(parameter, &sentinels) else { throw Self.unknownParameter }
        }
        guard Self.isMasterName(sentinels.masterName) else {
            throw Self.refused("its ?master=name is missing, or the name has other than letters, digits and . - _")
        }
        return try configuration(address: .master(sentinels), database: database(path.dropFirst()), tls: tls)
    }

    private func unixSocket() throws(RedisError) -> RedisConfiguration {
        guard hostAndPort.isEmpty else { throw Self.refused("a Unix socket has no host; write unix:///path") }
        let path = try Self.decoded(path, "path")
        guard path.utf8.count > 1, path.utf8.count <= 107 else {
            throw Self.refused("the path of a Unix socket has 2 to 107 bytes")
        }
        var number = 0
        for (key, value) in try parameters() {
            guard key == "db", !value.isEmpty else { throw Self.refused("a Unix socket takes only ?db=number") }
            number = try database(value[...])
        }
        return try configuration(address: .unix(path: path), database: number, tls: nil)
    }

    private func configuration(
        address: RedisAddress,
        database: Int,
        tls: RedisTLS?,
    ) throws(RedisError) -> RedisConfiguration {
        let parts = userInfo?.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false) ?? []
        let username = try Self.decoded(parts.first ?? "", "user name")
        let password = try Self.decoded(parts.dropFirst().first ?? "", "password")
        return RedisConfiguration(
            address: address,
            username: username.isEmpty ? nil : username,
            password: password.isEmpty ? nil : password,
            database: database,
            tls: tls,
        )
    }

    static func refused(_ reason: String) -> RedisError {
        RedisError(code: .invalidURL, message: "the Redis URL is refused: \(reason); \(accepted)")
    }
}

extension RedisURL {
    private static func hostAndPort(
        _ text: Substring,
        defaultPort: Int,
    ) throws(RedisError) -> (host: String, port: Int) {
        let (host, port) = try split(text)
        guard !host.isEmpty else { throw refused("it has no host") }
        guard let port else { return (String(host), defaultPort) }
        guard let number = number(port), 1...65_535 ~= number else {
            throw refused("its port is not a number from 1 to 65535; in a password write / as %2F and ? as %3F")
        }
        return (String(host), number)
    }

    private static func split(_ hostAndPort: Substring) throws(RedisError) -> (host: Substring, port: Substring?) {
        if hostAndPort.hasPrefix("[") {
            guard let end = hostAndPort.firstIndex(of: "]") else { throw refused("its host has a [ without ]") }
            let after = hostAndPort[hostAndPort.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw refused("text follows the ] of its host") }
            return (hostAndPort[..<end].dropFirst(), after.isEmpty ? nil : after.dropFirst())
        }
        let parts = hostAndPort.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw refused("its host has more than one colon; put IPv6 in [ ]") }
        return (parts.first ?? "", parts.dropFirst().first)
    }

    /// A second @ would be a second pair of credentials as well as a part of the first password.
    private func sentinelNodes() throws(RedisError) -> [RedisSentinels.Node] {
        guard userInfo?.contains("@") != true else {
            throw Self.refused("user and password stand once, before all hosts; in a password write @ as %40")
        }
        var nodes: [RedisSentinels.Node] = []
        for text in hostAndPort.split(separator: ",", omittingEmptySubsequences: false) {
            let (host, port) = try Self.hostAndPort(text, defaultPort: 26_379)
            nodes.append(RedisSentinels.Node(host: host, port: port))
        }
        return nodes
    }

    /// What Sentinel's own configuration allows. Source: <https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/>.
    private static func isMasterName(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }
    }

    private typealias Parameter = (key: String, value: String)

    private static func take(_ parameter: Parameter, _ tls: inout RedisTLS?) -> Bool {
        switch parameter {
        case ("cafile", let file) where tls != nil && !file.isEmpty: tls?.authorityFile = file
        case ("verify", "none") where tls != nil: tls?.verifiesServer = false
        case ("verify", "full") where tls != nil: tls?.verifiesServer = true
        default: return false
        }
        return true
    }

    private static func take(_ parameter: Parameter, _ sentinels: inout RedisSentinels) -> Bool {
        switch parameter.key {
        case "master": sentinels.masterName = parameter.value
        case "sentinelUsername": sentinels.username = parameter.value
        case "sentinelPassword": sentinels.password = parameter.value
        default: return false
        }
        return !parameter.value.isEmpty
    }

    private static var unknownParameter: RedisError {
        refused("it has a parameter after ? that is unknown or has no such value here")
    }

    private func database(_ text: Substring) throws(RedisError) -> Int {
        guard !text.isEmpty else { return 0 }
        guard let number = Self.number(text), number <= Int(Int32.max) else {
            throw Self.refused("its database is not a number from 0; in a password write / as %2F and @ as %40")
        }
        return number
    }

    private func parameters() throws(RedisError) -> [Parameter] {
        var pairs: [Parameter] = []
        for pair in query?.split(separator: "&", omittingEmptySubsequences: true) ?? [] {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = try Self.decoded(halves.dropFirst().first ?? "", "parameter")
            pairs.append((String(halves[0]), value))
        }
        return pairs
    }

    /// Digits only: `Int` would take a sign as well.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? Int(text) : nil
    }

    private static func decoded(_ text: Substring, _ part: String) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let high = hex(digits.first), let low = hex(digits.last) else {
                throw refused("its \(part) has a % without two hexadecimal digits; write % itself as %25")
            }
            bytes.append(high << 4 | low)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw refused("its \(part) is not UTF-8 or has a zero byte")
        }
        return decoded
    }

    private static func hex(_ digit: UInt8?) -> UInt8? {
        digit.flatMap { Character(Unicode.Scalar($0)).hexDigitValue }.map { UInt8($0) }
    }
}
