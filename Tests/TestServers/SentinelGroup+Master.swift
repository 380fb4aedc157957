extension SentinelGroup {
    /// The URL of the master, with all sentinels in order.
    package func url(credentials: String = "", parameters: String = "") -> String {
        let hosts = sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        return "redis-sentinel://\(credentials)\(hosts)?master=\(RedisSentinel.masterName)\(parameters)"
    }

    /// The server that the first sentinel calls the master, which may be down; the sentinels have no password.
    package func currentMaster() async throws -> RedisServer {
        let address = try await ask("GET-MASTER-ADDR-BY-NAME")
        guard let server = [master, replica].first(where: { address.hasSuffix("\n\($0.port)") }) else {
            throw RedisServer.Failure(description: "the sentinel knows no master: \(address)")
        }
        return server
    }

    /// Asks the first sentinel for a failover, as soon as it finds the replica good enough, and waits until it calls the
    /// replica the master.
    package func failOver() async throws {
        let before = try await currentMaster()
        // One that got no processor for two seconds does nothing for thirty.
        try await eventually("the sentinel obeys", within: .seconds(60)) { (try? await ask("FAILOVER")) != nil }
        try await waitForSuccessor(of: before)
    }

    /// Waits until another server is the master.
    package func waitForSuccessor(of server: RedisServer) async throws {
        try await eventually("another server is the master", within: .seconds(60)) {
            try await currentMaster().port != server.port
        }
    }

    private func ask(_ question: String) async throws -> String {
        try await Subprocess.run([
            "redis-cli", "-e", "-p", "\(sentinels[0].port)", "SENTINEL", question, RedisSentinel.masterName,
        ])
    }
}
