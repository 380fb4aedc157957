/// A URL taken apart as text, and the rules about what its parts may be.
struct RedisURL {
    private static let accepted =
        "accepted are redis://[user[:password]@]host[:port][/database], the same as rediss:// with "
        + "?cafile=/path.pem or ?verify=none, and unix:///path/to.sock[?db=number]"

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
        case "unix": return try unixSocket()
        default: throw Self.refused("its scheme is not known")
        }
    }

    private func server(tls: RedisTLS?) throws(RedisError) -> RedisConfiguration {
        var tls = tls
        for (key, value) in try parameters() {
            switch (key, value) {
            case ("cafile", _) where tls != nil && !value.isEmpty: tls?.authorityFile = value
            case ("verify", "none") where tls != nil: tls?.verifiesServer = false
            case ("verify", "full") where tls != nil: tls?.verifiesServer = true
            default: throw Self.refused("it has a parameter after ? that is unknown or has no such value here")
            }
        }
        return try configuration(address: tcpAddress(), database: database(path.dropFirst()), tls: tls)
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
    private func tcpAddress() throws(RedisError) -> RedisAddress {
        let (host, port) = try hostAndPortText()
        guard !host.isEmpty else { throw Self.refused("it has no host") }
        guard let port else { return .tcp(host: String(host), port: 6_379) }
        guard let number = Self.number(port), 1...65_535 ~= number else {
            throw Self.refused("its port is not a number from 1 to 65535; in a password write / as %2F and ? as %3F")
        }
        return .tcp(host: String(host), port: number)
    }

    private func hostAndPortText() throws(RedisError) -> (host: Substring, port: Substring?) {
        if hostAndPort.hasPrefix("[") {
            guard let end = hostAndPort.firstIndex(of: "]") else { throw Self.refused("its host has a [ without ]") }
            let after = hostAndPort[hostAndPort.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw Self.refused("text follows the ] of its host") }
            return (hostAndPort[..<end].dropFirst(), after.isEmpty ? nil : after.dropFirst())
        }
        let parts = hostAndPort.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw Self.refused("its host has more than one colon; put IPv6 in [ ]") }
        return (parts.first ?? "", parts.dropFirst().first)
    }

    private func database(_ text: Substring) throws(RedisError) -> Int {
        guard !text.isEmpty else { return 0 }
        guard let number = Self.number(text), number <= Int(Int32.max) else {
            throw Self.refused("its database is not a number from 0; in a password write / as %2F and @ as %40")
        }
        return number
    }

    private func parameters() throws(RedisError) -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
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
