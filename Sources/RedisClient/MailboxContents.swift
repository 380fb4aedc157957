import NIOCore

/// The states of a ``PubSubMailbox``: a consumer waits only while nothing is kept.
struct MailboxContents {
    /// Next to the number of events, the payloads together are bounded; one larger message alone is taken.
    static let largestPayloads = 16 << 20

    enum OfferAction {
        case hand(OneShot<RedisPubSubEvent>)
        case kept
        case full
    }

    enum TakeAction {
        case event(RedisPubSubEvent)
        case wait
        case ended(RedisError)
    }

    private enum Phase {
        case open
        case waiting(OneShot<RedisPubSubEvent>)
        case closed(RedisError)
    }

    private let capacity: Int
    private var phase = Phase.open
    private var events = CircularBuffer<RedisPubSubEvent>()
    private var payloadBytes = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    mutating func offer(_ event: RedisPubSubEvent) -> OfferAction {
        switch phase {
        case .waiting(let consumer):
            phase = .open
            return .hand(consumer)
        case .closed:
            return .kept
        case .open:
            let fits = events.isEmpty || payloadBytes + Self.size(event) <= Self.largestPayloads
            guard events.count < capacity, fits else { return .full }
            events.append(event)
            payloadBytes += Self.size(event)
            return .kept
        }
    }

    mutating func take(_ consumer: OneShot<RedisPubSubEvent>) -> TakeAction {
        if let event = events.popFirst() {
            payloadBytes -= Self.size(event)
            return .event(event)
        }
        switch phase {
        case .closed(let reason): return .ended(reason)
        case .waiting: preconditionFailure("a second task takes from a mailbox while one waits")
        case .open:
            phase = .waiting(consumer)
            return .wait
        }
    }

    /// The consumer was cancelled.
    mutating func stopWaiting() {
        guard case .waiting = phase else { return }
        phase = .open
    }

    /// Closes for that reason, the first one counts; answers with the consumer to be told.
    mutating func close(_ reason: RedisError) -> OneShot<RedisPubSubEvent>? {
        switch phase {
        case .closed: return nil
        case .open:
            phase = .closed(reason)
            return nil
        case .waiting(let consumer):
            phase = .closed(reason)
            return consumer
        }
    }

    private static func size(_ event: RedisPubSubEvent) -> Int {
        switch event {
        case .subscribed: 0
        case .message(_, let payload): payload.count
        }
    }
}
