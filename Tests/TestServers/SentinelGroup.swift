import Foundation

/// A throw-away master with a replica, and three sentinels that watch over them.
package final class SentinelGroup: Sendable {
    /// The master at the beginning.
    package let master: RedisServer
    /// The replica at the beginning.
    package let replica: RedisServer
    /// The sentinels; two of them make a quorum.
    package let sentinels: [RedisSentinel]

    private init(master: RedisServer, replica: RedisServer, sentinels: [RedisSentinel]) {
        self.master = master
        self.replica = replica
        self.sentinels = sentinels
    }

    /// Runs one for the length of the body, from when the sentinels know each other.
    ///
    /// - Parameters:
    ///   - password: The password of master and replica.
    ///   - sentinelPassword: The password of the sentinels.
    ///   - options: More arguments for both servers, such as `["--appendonly", "yes"]`.
    ///   - body: What to do with it.
    /// - Throws: What the body throws, or a failure to start.
    package static func with(
        password: String? = nil,
        sentinelPassword: String? = nil,
        options: [String] = [],
        _ body: (SentinelGroup) async throws -> Void,
    ) async throws {
        let group = try await start(password: password, sentinelPassword: sentinelPassword, options)
        do {
            try await eventually("the sentinels know each other") {
                group.sentinels.allSatisfy { $0.knows(sentinels: group.sentinels.count - 1) }
            }
            try await body(group)
            await group.stop()
        } catch {
            await group.stop()
            throw error
        }
    }

    private static func start(
        password: String?,
        sentinelPassword: String?,
        _ options: [String],
    ) async throws -> SentinelGroup {
        // Without a delay, so that a replica is there when the sentinels look.
        let own =
            ["--repl-diskless-sync-delay", "0"] + options
            + (password.map { ["--requirepass", $0, "--masterauth", $0] } ?? [])
        let master = try await RedisServer.start(options: own)
        // In its file, where sentinels change it: once it is the master it comes back as one.
        let replica = try await RedisServer.start(
            options: own,
            configuration: ["replicaof 127.0.0.1 \(master.port)"],
        )
        let configuration =
            (password.map { ["sentinel auth-pass \(RedisSentinel.masterName) \($0)"] } ?? [])
            + (sentinelPassword.map { ["requirepass \($0)", "sentinel sentinel-pass \($0)"] } ?? [])
        try await eventually("the replica follows") { replica.log.contains("Finished with success") }
        var sentinels: [RedisSentinel] = []
        for _ in 0..<3 {
            sentinels.append(
                try await RedisSentinel.start(master: master.port, quorum: 2, configuration: configuration)
            )
        }
        return SentinelGroup(master: master, replica: replica, sentinels: sentinels)
    }

    private func stop() async {
        for sentinel in sentinels { await sentinel.stop() }
        await replica.stop()
        await master.stop()
    }
}
