public import NIOCore
import Synchronization

/// A client for one Redis server, or for whichever is the master of some sentinels: one connection for commands, and one more for each subscription.
///
/// Nothing happens until ``run()`` is called; commands wait for it.
public final class RedisClient: Sendable {
    /// What the client was made with.
    public let configuration: RedisConfiguration

    let eventLoopGroup: any EventLoopGroup
    private let connector: RedisConnector
    let gate = Mutex(ConnectionGate<RedisConnection>())

    /// Creates a client that is not connected.
    ///
    /// - Parameters:
    ///   - configuration: Where the server is and how to talk to it.
    ///   - eventLoopGroup: What the connections live on; it has to outlive the client.
    public init(_ configuration: RedisConfiguration, eventLoopGroup: any EventLoopGroup) {
        self.configuration = configuration
        self.eventLoopGroup = eventLoopGroup
        connector = RedisConnector(configuration: configuration, eventLoopGroup: eventLoopGroup)
    }

    /// Keeps the command connection up until the task is cancelled, then closes it.
    ///
    /// After a loss or a failed attempt it pauses for a random time of at most 100 ms, doubling up to 10 s. When it
    /// returns, all commands that wait or are in flight have failed, and ``connections`` have ended. It may be called again
    /// afterwards, but not while it runs.
    public func run() async {
        gate.withLock { $0.start() }
        var backoff = Backoff()
        while !Task.isCancelled {
            let start = ContinuousClock.now
            if await connectAndServe() {
                backoff.connectionEnded(after: start.duration(to: .now))
            }
            // The back-off. Cancelling ends it early, and the loop sees that.
            try? await Task.sleep(for: backoff.next())
        }
        let news = gate.withLock { $0.stop() }
        for waiter in news.waiters { waiter.resolve(.failure(.stopped)) }
        for observer in news.observers { observer.finish() }
    }

    /// What the command connection is doing, at once and from anywhere.
    public var state: RedisConnectionState { gate.withLock { $0.state } }

    /// Yields after every successful connect, and at once when there is a connection now.
    ///
    /// Each use is a sequence of its own; several connects that nobody looked at are one element. Ends when ``run()``
    /// returns.
    public var connections: AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        guard let (id, isConnected) = gate.withLock({ $0.observe(continuation) }) else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.gate.withLock { $0.forget(observer: id) } }
        if isConnected { continuation.yield() }
        return stream
    }

    /// Listens to channels on a connection of its own, which is made anew whenever it is lost.
    ///
    /// The connection is made when iteration begins, whether ``run()`` runs or not, and is closed when it ends. A server
    /// that does not answer a `PING` within ``RedisConfiguration/commandTimeout`` counts as lost. Cancelling the
    /// task ends the sequence. It throws a ``RedisError`` and ends when the server refuses the channels or the consumer lets
    /// more than ``RedisConfiguration/subscriptionBuffer`` events, or more than 16 MiB of payloads, wait.
    ///
    /// - Parameter channels: At least one name; no patterns.
    /// - Returns: A sequence; each iteration of it is a subscription.
    public func subscribe(to channels: [String]) -> some AsyncSequence<RedisPubSubEvent, any Error> & Sendable {
        precondition(!channels.isEmpty, "a subscription to no channels")
        return RedisSubscription(connector: connector, channels: channels)
    }

    /// Answers whether there was a connection.
    private func connectAndServe() async -> Bool {
        let connection: RedisConnection
        do throws(RedisError) {
            connection = try await connector.connect()
        } catch {
            gate.withLock { $0.failed(error) }
            return false
        }
        let news = gate.withLock { $0.connected(connection, at: .now) }
        for waiter in news.waiters { waiter.resolve(.success(connection)) }
        for observer in news.observers { observer.yield() }
        await serve(connection)
        return true
    }

    private func serve(_ connection: RedisConnection) async {
        do throws(RedisError) {
            let reason = try await connection.waitUntilEnded()
            gate.withLock { $0.lost(connection.id, reason) }
        } catch {
            gate.withLock { $0.lost(connection.id, .stopped) }
            await connection.closed(.lost("the client has stopped"))
        }
    }
}
