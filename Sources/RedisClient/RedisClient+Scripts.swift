extension RedisClient {
    /// How often a server may say that it does not know a script that it has just loaded.
    private static let scriptAttempts = 3

    /// Runs a Lua script with `EVALSHA`, and loads it first where the server does not know it.
    ///
    /// A server that answers `NOSCRIPT` has not run anything, so the repetition is harmless.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: `KEYS` of the script.
    ///   - arguments: `ARGV` of the script.
    /// - Returns: What the script returns.
    /// - Throws: ``RedisError``; `redis.error_reply("STALE …")` is ``RedisError/Code/server(prefix:)`` with `STALE`.
    @discardableResult
    public func evaluate(
        _ script: RedisScript,
        keys: [String],
        arguments: [RedisArgument],
    ) async throws(RedisError) -> RESPValue {
        var attempt = 1
        while true {
            let digest = if let known = script.digest { known } else { try await load(script) }
            let head = [RedisArgument(digest), RedisArgument(keys.count)]
            do throws(RedisError) {
                return try await send(RedisCommand("EVALSHA", head + keys.map { RedisArgument($0) } + arguments))
            } catch  where error.code == .server(prefix: "NOSCRIPT") && attempt < Self.scriptAttempts {
                attempt += 1
                _ = try await load(script)
            }
        }
    }

    private func load(_ script: RedisScript) async throws(RedisError) -> String {
        let reply = try await send(RedisCommand("SCRIPT", "LOAD", RedisArgument(script.source)))
        guard let digest = reply.text, digest.utf8.count == 40 else {
            throw RedisError(code: .protocolViolation, message: "SCRIPT LOAD did not answer with a digest")
        }
        script.remember(digest: digest)
        return digest
    }
}
