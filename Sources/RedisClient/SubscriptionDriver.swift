import Synchronization

/// Keeps one subscription going for its iterator, which calls it from one task at a time.
final class SubscriptionDriver: Sendable {
    /// A connection that is subscribed or about to be.
    private struct Session {
        let connection: RedisConnection
        let mailbox: PubSubMailbox
        let start: ContinuousClock.Instant
    }

    private enum Phase {
        case away
        case listening(Session)
        case finished
    }

    private let connector: RedisConnector
    private let channels: [String]
    private let phase = Mutex<Phase>(.away)
    private let backoff = Mutex(Backoff())

    init(connector: RedisConnector, channels: [String]) {
        self.connector = connector
        self.channels = channels
    }

    /// Nobody iterates any more.
    deinit {
        if case .listening(let session) = phase.withLock({ $0 }) { session.connection.close() }
    }

    /// The next event; nil once the task is cancelled or after an error was thrown.
    ///
    /// - Throws: What reconnecting cannot heal: ``RedisError/Code/subscriberTooSlow``, or the server's refusal of the
    ///   channels.
    func next() async throws(RedisError) -> RedisPubSubEvent? {
        while true {
            switch phase.withLock({ $0 }) {
            case .finished: return nil
            case .away: await connect()
            case .listening(let session):
                if let event = try await event(of: session) { return event }
            }
        }
    }

    private func event(of session: Session) async throws(RedisError) -> RedisPubSubEvent? {
        do throws(RedisError) {
            return try await session.mailbox.take()
        } catch {
            session.connection.close()
            guard !Task.isCancelled else {
                finish()
                return nil
            }
            try await ended(session, error)
            return nil
        }
    }

    private func ended(_ session: Session, _ reason: RedisError) async throws(RedisError) {
        switch reason.code {
        case .subscriberTooSlow, .server:
            finish()
            throw reason
        default:
            phase.withLock { $0 = .away }
            backoff.withLock { $0.connectionEnded(after: session.start.duration(to: .now)) }
            await pause()
        }
    }

    private func connect() async {
        do throws(RedisError) {
            let connection = try await connector.connect()
            let configuration = connector.configuration
            let mailbox = PubSubMailbox(capacity: configuration.subscriptionBuffer)
            let state = SubscriptionState(channels: channels)
            connection.subscribe(state, mailbox: mailbox, heartbeat: configuration.commandTimeout)
            let session = Session(connection: connection, mailbox: mailbox, start: .now)
            phase.withLock { $0 = .listening(session) }
        } catch {
            await pause()
        }
    }

    /// The back-off before the next connection; cancelling ends the subscription.
    private func pause() async {
        let pause = backoff.withLock { $0.next() }
        do {
            try await Task.sleep(for: pause)
        } catch {
            finish()
        }
    }

    private func finish() {
        phase.withLock { $0 = .finished }
    }
}
