/// What a subscription's connection has heard so far. RESP2 has no other mark for a pushed message than its form.
///
/// ```
/// subscribing(missing: n) ── n confirmations ──▶ subscribed ── messages, pongs ──▶ subscribed
/// ```
struct SubscriptionState {
    enum Action: Equatable {
        case none
        case deliver(RedisPubSubEvent)
        /// Close the connection; the subscription cannot work.
        case close(RedisError)
    }

    private enum Phase {
        case subscribing(missing: Int)
        case subscribed
    }

    let channels: [String]
    private var phase: Phase
    private var hasHeard = true

    init(channels: [String]) {
        self.channels = channels
        phase = .subscribing(missing: channels.count)
    }

    var command: RedisCommand { RedisCommand("SUBSCRIBE", channels.map { RedisArgument($0) }) }

    mutating func receive(_ reply: RESPValue) -> Action {
        hasHeard = true
        if case .error(let text) = reply { return .close(.server(text, command: "SUBSCRIBE")) }
        guard let elements = reply.elements, let kind = elements.first?.text else { return Self.violation }
        switch (kind, elements.count) {
        case ("subscribe", 3): return confirmed()
        case ("message", 3): return message(channel: elements[1], payload: elements[2])
        case ("pong", 2): return .none
        default: return Self.violation
        }
    }

    /// Called once in a heartbeat: true asks for a `PING`, false means that the last one, or the `SUBSCRIBE`, has been
    /// left without an answer.
    mutating func beat() -> Bool {
        guard case .subscribed = phase, hasHeard else { return false }
        hasHeard = false
        return true
    }

    private mutating func confirmed() -> Action {
        guard case .subscribing(let missing) = phase else { return Self.violation }
        guard missing == 1 else {
            phase = .subscribing(missing: missing - 1)
            return .none
        }
        phase = .subscribed
        return .deliver(.subscribed)
    }

    private func message(channel: RESPValue, payload: RESPValue) -> Action {
        guard case .subscribed = phase, let channel = channel.text, let payload = payload.bytes else {
            return Self.violation
        }
        return .deliver(.message(channel: channel, payload: payload))
    }

    private static let violation = Action.close(
        RedisError(code: .protocolViolation, message: "the server sent what is no message to a subscriber")
    )
}
