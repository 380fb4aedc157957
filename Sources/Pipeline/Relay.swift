package import ActivitySQL
package import PostgresClient
package import RedisClient
import ServiceLifecycle

/// Brings events of alerts from PostgreSQL to Redis: into the stream each once and in order, and onto the channel.
///
/// Nothing about how far it got is kept in memory: each cycle asks Redis where the stream ends and goes on from there,
/// back to what Redis has lost or forward over what another daemon has sent. See Pipeline.md for the proof.
package actor Relay: Service {
    private let redis: RedisClient
    private let outbox: AlertOutbox
    private let channel: AlertChannel
    private let settings: Settings
    private let observe: @Sendable (PipelineObservation) -> Void

    /// Several calls that nobody looked at are one.
    private nonisolated let (wakeUps, wakeUp) = AsyncStream.makeStream(
        of: Void.self,
        bufferingPolicy: .bufferingNewest(1),
    )

    /// How many delivered events an empty stream is filled with again. Less than its length when Redis is too small.
    private var refillLength: Int64
    /// Cycles in a row in which the stream lost events while they were being sent.
    private var losses = 0
    private var nextHeartbeat = ContinuousClock.now

    /// A server that was restarted loses the stream as well as one that is too small, but not so often in a row.
    private static let lossesOfRestarts = 2
    /// Events that get their numbers in one transaction.
    private static let numbersAtOnce = 10_000

    /// A relay of the outbox in the schema that `sql` names; the `run()` of `redis` must be running.
    package init(
        _ postgres: PostgresClient,
        _ sql: ActivitySQL,
        _ redis: RedisClient,
        settings: Settings,
        observe: @escaping @Sendable (PipelineObservation) -> Void,
    ) {
        self.redis = redis
        self.settings = settings
        self.observe = observe
        outbox = AlertOutbox(postgres, sql)
        channel = AlertChannel(redis, prefix: settings.prefix)
        refillLength = settings.streamLength
    }

    /// Says that events were committed. Without it they are found at the next poll.
    package nonisolated func wake() {
        wakeUp.yield()
    }

    /// Relays until the task is cancelled or the service group shuts down; to be called once.
    package func run() async {
        await cancelWhenGracefulShutdown {
            guard (try? await self.settings.begins.wait()) != nil else { return }
            await withDiscardingTaskGroup { group in
                group.addTask { await self.relayWhenWoken() }
                group.addTask { await self.poll() }
                group.addTask { for await _ in self.redis.connections { await self.reconnected() } }
            }
        }
    }

    /// For what other daemons have written, and for what Redis has lost: neither tells. Cancelling ends the pause early.
    private nonisolated func poll() async {
        repeat { wake() } while (try? await Task.sleep(for: settings.poll)) != nil
    }

    /// It may be another server, or an empty one.
    private func reconnected() {
        refillLength = settings.streamLength
        losses = 0
        wake()
    }

    private func relayWhenWoken() async {
        var backoff = settings.backoff
        for await _ in wakeUps {
            while !Task.isCancelled {
                do {
                    try await relayBacklog()
                    try await beat()
                    backoff.reset()
                    break
                } catch {
                    await failed(error)
                    // Cancelling ends the back-off early, and the loop sees that.
                    try? await Task.sleep(for: backoff.next())
                }
            }
        }
    }

    private func failed(_ error: any Error) async {
        guard !Task.isCancelled, !(error is StreamChanged) else { return }
        // When Redis alone is down, how much waits for it is worth knowing.
        let backlog = error is RedisError ? try? await outbox.backlog() : nil
        observe(.relayFailed(error, backlog: backlog))
    }

    private func beat() async throws {
        guard ContinuousClock.now >= nextHeartbeat else { return }
        try await channel.announce(Heartbeat(source: settings.source, at: settings.now()))
        nextHeartbeat = .now + settings.heartbeat
    }

    // MARK: - One cycle

    /// The stream lost events while they were being sent. It is looked at anew, after a pause: a server that drops them
    /// as fast as they come should not be kept busy with it.
    private struct StreamChanged: Error {}

    /// Sends everything that is committed when it begins, and what comes meanwhile.
    private func relayBacklog() async throws {
        let backlog = try await outbox.backlog()
        // Read before the lock is taken: whatever is in the stream by then had its number before.
        var end = try await channel.end()
        var numbering = Numbering(position: backlog.position, count: 0)
        if backlog.unnumbered > 0 || end > backlog.position.delivered { numbering = try await number(after: end) }
        var progress = RelayProgress(lastSequence: end, pending: backlog.count)
        while true {
            end = try await send(after: end, numbering.position, &progress)
            guard numbering.count == Self.numbersAtOnce || end > numbering.position.numbered else { break }
            numbering = try await number(after: end)
        }
        losses = 0
        observe(.relayIdle(lastSequence: end))
    }

    private func number(after end: Int64) async throws -> Numbering {
        let numbering = try await outbox.number(after: end, limit: Self.numbersAtOnce)
        if let last = numbering.raisedFrom { observe(.relayRenumbered(from: last, to: end)) }
        return numbering
    }

    /// Sends what has a number, a chunk at a time, so that no more than that is ever in memory.
    ///
    /// - Returns: where the stream ends then.
    private func send(
        after end: Int64,
        _ position: AlertPosition,
        _ progress: inout RelayProgress,
    ) async throws -> Int64 {
        var course = RelayCourse(from: end, position, refillLength: refillLength)
        while true {
            let events = try await outbox.events(after: course.start, limit: settings.chunk)
            guard let first = events.first else { return course.end }
            if let (from, to) = course.rewind(to: first.sequence) { observe(.relayRewound(from: from, to: to)) }
            let outcome = try await channel.append(
                events,
                after: course.end,
                announced: course.announced,
                keeping: settings.streamLength,
            )
            switch outcome {
            case .appended: try await confirm(course.appended(events), &progress)
            case .endsAt(let other): if !course.skip(to: other) { throw lost(course) }
            }
        }
    }

    private func confirm(_ events: [AlertEvent], _ progress: inout RelayProgress) async throws {
        let since = ContinuousClock.now
        guard let last = events.last?.sequence else { return }
        try await outbox.confirm(last)
        progress.events = events.count
        progress.lastSequence = last
        progress.pending = max(0, progress.pending - Int64(events.count))
        progress.lag = (events.map(\.age).max() ?? .zero) + since.duration(to: .now)
        observe(.relayed(progress))
    }

    /// The next course sends less again, if that was too much for the server.
    private func lost(_ course: RelayCourse) -> StreamChanged {
        losses += 1
        if losses > Self.lossesOfRestarts { refillLength = min(refillLength, course.refill) / 2 }
        return StreamChanged()
    }
}
