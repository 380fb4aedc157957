package import Activity
package import RedisClient

/// Writes generations of documents to Redis.
///
/// Only what changed since the last generation is written; the time to live of the rest is renewed. Every write passes
/// the fence: a script that refuses a generation that is not newer than the one in Redis, or that was computed from
/// less data. When Redis does not hold the generation that this publisher wrote last, everything is written.
package actor Publisher {
    private let redis: RedisClient
    private let prefix: String
    /// How long a document outlives the last daemon.
    private let timeToLive: @Sendable () -> Duration
    /// The number of the generation that Redis holds as far as this publisher knows; nil when it has to write all.
    private var published: Int64?

    /// Keys of one call of the script, so that Redis serves others in between.
    private static let keysPerCall = 500

    /// - Parameters:
    ///   - redis: the connection to write on; its `run()` must be running.
    ///   - prefix: put before every key and the channel; `{activity}:` keeps all keys in one slot of a cluster.
    ///   - timeToLive: of every document as it is now, renewed by each generation.
    package init(_ redis: RedisClient, prefix: String, timeToLive: @escaping @Sendable () -> Duration) {
        self.redis = redis
        self.prefix = prefix
        self.timeToLive = timeToLive
    }

    /// Publishes a generation; does nothing when Redis holds a newer one.
    ///
    /// - Returns: what was done.
    /// - Throws: `RedisError`; the next generation is written whole then.
    package func publish(_ snapshot: Snapshot) async throws -> PublishOutcome {
        let base = published
        published = nil
        let connection = try await connectedSince()
        var outcome = try await write(snapshot, upon: base)
        if outcome == .basedOnOtherGeneration { outcome = try await write(snapshot, upon: nil) }
        if case .published(_, evicted: false) = outcome, let connection, redis.state == .connected(since: connection) {
            published = snapshot.generation.number
        }
        return outcome
    }

    /// Which connection there is. Calls of one generation that went over two may have gone to two servers, of which the
    /// second took over without what the first had not yet passed on.
    private func connectedSince() async throws -> ContinuousClock.Instant? {
        if case .connected(let since) = redis.state { return since }
        // Waits for one.
        _ = try await redis.send(RedisCommand("PING"))
        guard case .connected(let since) = redis.state else { return nil }
        return since
    }

    /// Deletes every document of a snapshot, and nothing else.
    ///
    /// - Throws: `RedisError`.
    package func clear(_ snapshot: Snapshot) async throws {
        published = nil
        let keys = Publication.all(of: snapshot).map { prefix + $0.name } + [prefix + "generation"]
        for chunk in keys.chunks(of: Self.keysPerCall) {
            _ = try await redis.send(RedisCommand("UNLINK", chunk.map { RedisArgument($0) }))
        }
    }

    /// Users' documents first: the last call carries the documents that are read together, and flips the generation.
    private func write(_ snapshot: Snapshot, upon base: Int64?) async throws -> PublishOutcome {
        let publications = Publication.all(of: snapshot)
        let changed = publications.filter { base.map($0.document.isNewer) ?? true }
        let unchanged = publications.filter { !(base.map($0.document.isNewer) ?? true) }
        let (users, shared) = (changed.filter(\.isOfOneUser), changed.filter { !$0.isOfOneUser })
        var evicted = false
        for (written, renewed) in users.chunks(of: Self.keysPerCall).map({ ($0, []) })
            + unchanged.chunks(of: Self.keysPerCall).map({ ([], $0) })
        {
            let reply = try await call(snapshot, upon: base, write: written, renew: renewed, isLast: false)
            guard case .written(let missing) = reply else { return reply.outcome(changed.count) }
            evicted = evicted || missing > 0
        }
        let reply = try await call(snapshot, upon: base, write: shared, renew: [], isLast: true)
        guard case .written = reply else { return reply.outcome(changed.count) }
        return .published(documents: changed.count, evicted: evicted)
    }

    private func call(
        _ snapshot: Snapshot,
        upon base: Int64?,
        write: [Publication],
        renew: [Publication],
        isLast: Bool,
    ) async throws -> PublishReply {
        let generation = snapshot.generation
        let header: [RedisArgument] = [
            RedisArgument(generation.number), RedisArgument(generation.fence),
            RedisArgument(base.map { "\($0)" } ?? ""),
            RedisArgument(Int64(timeToLive() / .milliseconds(1))),
            RedisArgument(Int64(write.count)),
            RedisArgument(isLast ? prefix + "refreshed" : ""),
            RedisArgument(generation.computedAt.description),
            RedisArgument(snapshot.dataThrough?.description ?? ""),
        ]
        let reply = try await redis.evaluate(
            .publish,
            keys: [prefix + "generation"] + (write + renew).map { prefix + $0.name },
            arguments: header + write.map { RedisArgument($0.document.body($0.selection)) },
        )
        return try PublishReply(reply)
    }
}

extension Publication {
    fileprivate var isOfOneUser: Bool { name.hasPrefix("user:") }
}

extension Document {
    fileprivate func isNewer(than generation: Int64) -> Bool { revision > generation }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
