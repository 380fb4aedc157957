import Testing

@testable import RedisClient

@Suite struct MailboxContentsTests {
    static func message(_ size: Int) -> RedisPubSubEvent {
        .message(channel: "c", payload: [UInt8](repeating: 0, count: size))
    }

    @Test func handsOverToWhoWaits() {
        var contents = MailboxContents(capacity: 1)
        let consumer = OneShot<RedisPubSubEvent>()
        guard case .wait = contents.take(consumer) else { return unexpected("another case") }
        guard case .hand(consumer) = contents.offer(.subscribed) else { return unexpected("another case") }
        guard case .kept = contents.offer(.subscribed) else { return unexpected("another case") }
    }

    @Test func isFullAtItsCapacity() {
        var contents = MailboxContents(capacity: 2)
        for _ in 0..<2 {
            guard case .kept = contents.offer(.subscribed) else { return unexpected("another case") }
        }
        guard case .full = contents.offer(.subscribed) else { return unexpected("another case") }
    }

    @Test func boundsThePayloadsTogether() {
        var contents = MailboxContents(capacity: 100)
        let half = Self.message(MailboxContents.largestPayloads / 2)
        guard case .kept = contents.offer(half), case .kept = contents.offer(half) else {
            return unexpected("another case")
        }
        guard case .full = contents.offer(Self.message(1)) else { return unexpected("another case") }
        guard case .event = contents.take(OneShot()) else { return unexpected("another case") }
        guard case .kept = contents.offer(Self.message(1)) else { return unexpected("another case") }
    }

    @Test func takesOneLargeMessageAlone() {
        var contents = MailboxContents(capacity: 100)
        guard case .kept = contents.offer(Self.message(MailboxContents.largestPayloads + 1)) else {
            return unexpected("another case")
        }
    }

    @Test func yieldsWhatItKeptBeforeTheReasonOfTheEnd() {
        var contents = MailboxContents(capacity: 5)
        _ = contents.offer(.subscribed)
        #expect(contents.close(.cancelled) == nil)
        #expect(contents.close(.stopped) == nil)
        guard case .event(.subscribed) = contents.take(OneShot()) else { return unexpected("another case") }
        guard case .ended(.cancelled) = contents.take(OneShot()) else { return unexpected("another case") }
    }
}
