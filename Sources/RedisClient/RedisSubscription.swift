/// The events of some channels, from ``RedisClient/subscribe(to:)``.
///
/// Each iteration has its own connection. It is made at the first `next()`, made again within the `next()` that finds
/// it gone, and closed when the iterator goes away.
struct RedisSubscription: AsyncSequence, Sendable {
    typealias Element = RedisPubSubEvent
    typealias Failure = any Error

    struct Iterator: AsyncIteratorProtocol {
        typealias Element = RedisPubSubEvent
        typealias Failure = any Error

        fileprivate let driver: SubscriptionDriver

        mutating func next() async throws -> RedisPubSubEvent? {
            try await driver.next()
        }

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> RedisPubSubEvent? {
            try await driver.next()
        }
    }

    let connector: RedisConnector
    let channels: [String]

    func makeAsyncIterator() -> Iterator {
        Iterator(driver: SubscriptionDriver(connector: connector, channels: channels))
    }
}
