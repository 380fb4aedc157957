import NIOCore
import Synchronization

extension RedisClient {
    /// Sends a command and waits for its reply.
    ///
    /// Commands from many tasks are pipelined on one connection. Without one, it waits for at most
    /// ``RedisConfiguration/commandTimeout``; then the same time counts again from sending. A command that was sent is
    /// never sent again. Cancelling the task returns at once and does not take the command back.
    ///
    /// - Parameter command: The command.
    /// - Returns: The reply, which is never ``RESPValue/error(_:)``.
    /// - Throws: ``RedisError``; an error reply is ``RedisError/Code/server(prefix:)``.
    @discardableResult
    public func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        let results = try await pipeline([command])
        guard let result = results.first else { preconditionFailure("one command without one result") }
        return try result.get()
    }

    /// Sends commands in one write and waits for all replies; other tasks' commands do not come between them.
    ///
    /// It is no transaction: each command succeeds or fails for itself.
    ///
    /// - Parameter commands: The commands, in order.
    /// - Returns: One result for each command. When the connection ends early, those without a reply have failed with its
    ///   reason, such as ``RedisError/Code/connectionLost``.
    /// - Throws: ``RedisError`` when nothing was sent, or the task was cancelled.
    public func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        guard !commands.isEmpty else { return [] }
        let deadline = ContinuousClock.now + configuration.commandTimeout
        while true {
            guard !Task.isCancelled else { throw .cancelled }
            let connection = try await connection(until: deadline)
            switch try await connection.perform(commands, timeout: configuration.commandTimeout) {
            case .answered(let replies):
                closeIfReplica(connection, replies)
                return Self.results(of: commands, replies, missing: nil)
            case .lost(let replies, let reason): return Self.results(of: commands, replies, missing: reason)
            // Nothing was written, so it may go to the next connection.
            case .rejected(let reason): gate.withLock { $0.lost(connection.id, reason) }
            }
        }
    }

    /// A master that has become a replica: the next connection is made after asking the sentinels. A replica that is
    /// configured as such without sentinels stays one.
    private func closeIfReplica(_ connection: RedisConnection, _ replies: [RESPValue]) {
        guard case .master = configuration.address else { return }
        let isReplica = replies.contains { reply in
            guard case .error(let text) = reply else { return false }
            return RedisError.isOfReplica(text)
        }
        if isReplica { connection.close(.lost("the server has become a replica")) }
    }

    private static func results(
        of commands: [RedisCommand],
        _ replies: [RESPValue],
        missing reason: RedisError?,
    ) -> [Result<RESPValue, RedisError>] {
        var results: [Result<RESPValue, RedisError>] = []
        results.reserveCapacity(commands.count)
        for (command, reply) in zip(commands, replies) {
            if case .error(let text) = reply {
                results.append(.failure(.server(text, command: command.name)))
            } else {
                results.append(.success(reply))
            }
        }
        guard let reason else { return results }
        return results + Array(repeating: .failure(reason), count: commands.count - replies.count)
    }

    private func connection(until deadline: ContinuousClock.Instant) async throws(RedisError) -> RedisConnection {
        let waiter = OneShot<RedisConnection>()
        switch gate.withLock({ $0.request(waiter) }) {
        case .use(let connection): return connection
        case .refuse(let error): throw error
        case .wait(let id): return try await wait(waiter, id: id, until: deadline)
        }
    }

    private func wait(
        _ waiter: OneShot<RedisConnection>,
        id: Int,
        until deadline: ContinuousClock.Instant,
    ) async throws(RedisError) -> RedisConnection {
        let remaining = TimeAmount(max(.zero, ContinuousClock.now.duration(to: deadline)))
        let timer = eventLoopGroup.any().scheduleTask(in: remaining) { [self] in
            waiter.resolve(.failure(gate.withLock { $0.absence }))
        }
        defer {
            timer.cancel()
            gate.withLock { $0.forget(waiter: id) }
        }
        return try await waiter.value()
    }
}
