extension RedisServer {
    /// Sends a command without the client that is under test, such as `"CONFIG", "SET", "maxmemory", "1"`.
    ///
    /// - Returns: The reply as `redis-cli` prints it.
    /// - Throws: ``Subprocess/Failure`` when there is no server or it refuses.
    @discardableResult
    package func command(_ words: String...) async throws -> String {
        try await Subprocess.run(["redis-cli", "-e", "-s", socketPath] + words)
    }
}
