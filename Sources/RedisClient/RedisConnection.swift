import NIOCore
import Synchronization

/// One established connection; may be used from anywhere.
final class RedisConnection: Sendable, Identifiable {
    private let channel: any Channel
    private let handler: NIOLoopBound<CommandHandler>
    private let ended: OneShot<RedisError>

    init(channel: any Channel, handler: NIOLoopBound<CommandHandler>, ended: OneShot<RedisError>) {
        self.channel = channel
        self.handler = handler
        self.ended = ended
    }

    /// Sends the commands in one write and waits for all replies.
    ///
    /// - Parameters:
    ///   - commands: At least one.
    ///   - timeout: When it has passed, the connection is closed.
    /// - Returns: The replies, or how far they came.
    /// - Throws: ``RedisError/Code/cancelled`` at once when the task is cancelled; the replies are still consumed.
    func perform(_ commands: [RedisCommand], timeout: Duration) async throws(RedisError) -> BatchOutcome {
        let bytes = ByteBuffer(commands: commands)
        let completion = OneShot<BatchOutcome>()
        let batch = CommandQueue.Batch(
            commands: commands.count,
            deadline: .now() + TimeAmount(timeout),
            completion: completion,
        )
        channel.eventLoop.execute { [handler] in handler.value.submit(bytes, batch) }
        return try await completion.value()
    }

    /// From now on every reply is for the subscription.
    func subscribe(_ subscription: SubscriptionState, mailbox: PubSubMailbox, heartbeat: Duration) {
        channel.eventLoop.execute { [handler, channel] in
            let commands = handler.value
            let handler = SubscriptionHandler(subscription, commands, mailbox, heartbeat: TimeAmount(heartbeat))
            do {
                try channel.pipeline.syncOperations.addHandler(handler, position: .before(commands))
            } catch {
                commands.close(.lost("the connection was closed before it could subscribe"))
                mailbox.close(.lost("the connection was closed before it could subscribe"))
            }
        }
    }

    /// Waits for the connection to end and says why; only one task may.
    ///
    /// - Throws: ``RedisError/Code/cancelled`` when the task is cancelled; the connection is as before.
    func waitUntilEnded() async throws(RedisError) -> RedisError {
        try await ended.value()
    }

    /// Calls the body when the connection is closed, at once if it is.
    func whenClosed(_ body: @escaping @Sendable () -> Void) {
        channel.closeFuture.whenComplete { _ in body() }
    }

    /// Starts to close, and says goodbye where TLS is used; what is in flight fails with the reason.
    func close(_ reason: RedisError = .lost("this side closed the connection")) {
        channel.eventLoop.execute { [handler] in handler.value.close(reason) }
    }

    /// Closes and waits for it.
    func closed(_ reason: RedisError) async {
        close(reason)
        try? await channel.closeFuture.get()
    }
}
