import RedisClient

/// The stream and the channel of alerts in Redis.
struct AlertChannel: Sendable {
    private let redis: RedisClient
    private let stream: String
    private let channel: String

    init(_ redis: RedisClient, prefix: String) {
        self.redis = redis
        stream = prefix + "alerts:stream"
        channel = prefix + "alerts"
    }

    /// What became of an attempt to append.
    enum Outcome: Equatable {
        /// All of it is in the stream.
        case appended
        /// Nothing was written, since the stream ends elsewhere; 0 when there is none.
        case endsAt(Int64)
    }

    /// The number of the last event that was ever added to the stream; 0 when there is none.
    func end() async throws(RedisError) -> Int64 {
        try number(await redis.evaluate(.endOfStream, keys: [stream], arguments: []))
    }

    /// Appends events to the stream and announces them, if the stream ends where it is thought to; all or nothing.
    ///
    /// - Parameters:
    ///   - events: all that there are after `end`, in order, or the first of them.
    ///   - end: the number of the last event in the stream.
    ///   - announced: events up to here are appended only.
    ///   - length: how many of the newest events the stream keeps, or a few more.
    /// - Returns: what became of it.
    /// - Throws: `RedisError`; whether they were appended is then unknown, and the end of the stream tells.
    func append(
        _ events: [AlertEvent],
        after end: Int64,
        announced: Int64,
        keeping length: Int64,
    ) async throws(RedisError) -> Outcome {
        let head: [RedisArgument] = [
            RedisArgument(end), RedisArgument(length), RedisArgument(channel), RedisArgument(announced),
        ]
        let reply = try await redis.evaluate(
            .appendAlerts,
            keys: [stream],
            arguments: head + events.flatMap { [RedisArgument($0.sequence), RedisArgument($0.json)] },
        )
        return reply == .status("OK") ? .appended : .endsAt(try number(reply))
    }

    /// Announces an event that does not belong into the stream, with the number of the last one that does.
    func announce(_ heartbeat: Heartbeat) async throws(RedisError) {
        try await redis.evaluate(
            .announceHeartbeat,
            keys: [stream],
            arguments: [RedisArgument(channel), RedisArgument(heartbeat.json)],
        )
    }

    /// Announces events again, without touching the stream.
    func announce(_ events: [AlertEvent]) async throws(RedisError) {
        let commands = events.map { RedisCommand("PUBLISH", RedisArgument(channel), RedisArgument($0.json)) }
        for result in try await redis.pipeline(commands) { _ = try result.get() }
    }

    private func number(_ reply: RESPValue) throws(RedisError) -> Int64 {
        guard let number = reply.int else {
            throw RedisError(code: .protocolViolation, message: "the relay's script answered in an unknown form")
        }
        return number
    }
}
