import Synchronization

/// The bounded buffer between a subscription's connection and its consumer.
final class PubSubMailbox: Sendable {
    private let contents: Mutex<MailboxContents>

    init(capacity: Int) {
        contents = Mutex(MailboxContents(capacity: capacity))
    }

    /// Adds an event; false when it is full.
    func offer(_ event: RedisPubSubEvent) -> Bool {
        switch contents.withLock({ $0.offer(event) }) {
        case .kept: return true
        case .full: return false
        case .hand(let consumer):
            consumer.resolve(.success(event))
            return true
        }
    }

    /// Ends it: what is kept can still be taken, then the reason is thrown.
    func close(_ reason: RedisError) {
        contents.withLock { $0.close(reason) }?.resolve(.failure(reason))
    }

    /// The oldest event, as soon as there is one; only one task may wait.
    ///
    /// - Throws: The reason of the end, or ``RedisError/Code/cancelled``.
    func take() async throws(RedisError) -> RedisPubSubEvent {
        let consumer = OneShot<RedisPubSubEvent>()
        switch contents.withLock({ $0.take(consumer) }) {
        case .event(let event): return event
        case .ended(let reason): throw reason
        case .wait: break
        }
        do throws(RedisError) {
            return try await consumer.value()
        } catch {
            contents.withLock { $0.stopWaiting() }
            throw error
        }
    }
}
