import Testing

@testable import RedisClient

@Suite struct SubscriptionStateTests {
    static func push(_ kind: String, _ rest: RESPValue...) -> RESPValue { .array([.string(Array(kind.utf8))] + rest) }
    static let name = RESPValue.string([0x63])

    @Test func deliversSubscribedAfterTheLastConfirmation() {
        var state = SubscriptionState(channels: ["c", "d"])
        #expect(state.receive(Self.push("subscribe", Self.name, .integer(1))) == .none)
        #expect(state.receive(Self.push("subscribe", Self.name, .integer(2))) == .deliver(.subscribed))
        let message = Self.push("message", Self.name, .string([1, 2]))
        #expect(state.receive(message) == .deliver(.message(channel: "c", payload: [1, 2])))
        #expect(state.receive(Self.push("pong", .string([]))) == .none)
    }

    @Test(arguments: [
        RESPValue.null, .status("OK"), .array([]), .array([.integer(1)]), push("message", name),
        push("other", name, name),
        push("message", name, .integer(1)), push("subscribe", name, .integer(2)), push("message", .null, name),
    ])
    func closesOnWhatIsNoMessage(reply: RESPValue) {
        var state = SubscriptionState(channels: ["c"])
        _ = state.receive(Self.push("subscribe", Self.name, .integer(1)))
        guard case .close(let error) = state.receive(reply) else { return unexpected("another case") }
        #expect(error.code == .protocolViolation)
    }

    @Test func passesOnTheServersRefusal() {
        var state = SubscriptionState(channels: ["c"])
        guard case .close(let error) = state.receive(.error("NOPERM no")) else { return unexpected("another case") }
        #expect(error.code == .server(prefix: "NOPERM"))
    }

    @Test func missesAPongAndAConfirmation() {
        var state = SubscriptionState(channels: ["c"])
        var beats = [state.beat()]
        _ = state.receive(Self.push("subscribe", Self.name, .integer(1)))
        beats.append(state.beat())
        _ = state.receive(Self.push("pong", .string([])))
        beats.append(state.beat())
        beats.append(state.beat())
        #expect(beats == [false, true, true, false])
    }
}
