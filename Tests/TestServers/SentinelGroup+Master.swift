extension SentinelGroup {
    /// A sentinel that got no processor for two seconds does nothing for thirty.
    private static let patience = Duration.seconds(120)

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
        // What it has begun it may give up.
        try await eventually("another server is the master", within: Self.patience) {
            _ = try? await ask("FAILOVER")
            return try await currentMaster().port != before.port
        }
    }

    /// Waits until the server that is not the master follows it: before that it cannot take over.
    package func waitForReplica() async throws {
        try await eventually("the other server is a replica", within: Self.patience) {
            let master = try await currentMaster()
            let other = master.port == self.master.port ? replica : self.master
            let role = try? await other.command("ROLE")
            return role?.hasPrefix("slave\n127.0.0.1\n\(master.port)\nconnected") == true
        }
    }

    /// Waits until another server is the master.
    package func waitForSuccessor(of server: RedisServer) async throws {
        try await eventually("another server is the master", within: Self.patience) {
            try await currentMaster().port != server.port
        }
    }

    private func ask(_ question: String) async throws -> String {
        try await Subprocess.run([
            "redis-cli", "-e", "-p", "\(sentinels[0].port)", "SENTINEL", question, RedisSentinel.masterName,
        ])
    }
}
