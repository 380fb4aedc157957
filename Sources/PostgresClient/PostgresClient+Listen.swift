extension PostgresClient {
    /// Listens on a connection of its own for as long as it is iterated, and reconnects for ever.
    ///
    /// The sequence begins with `connected` and repeats it after each reconnect: notifications are lost while there is no
    /// connection, so look for yourself then. It ends without an error when the task is cancelled or the client closed.
    /// Nothing is buffered here: a consumer that does not come back leaves notifications in the server's queue.
    ///
    /// - Parameters:
    ///   - channels: their names as in LISTEN, with upper and lower case told apart.
    ///   - heartbeat: a connection that was silent for so long is asked whether it is alive.
    ///   - backoff: how long to wait between attempts to connect.
    ///   - onFailure: called with each failure and the delay before the next attempt.
    /// - Returns: the sequence; each iterator has a connection of its own.
    public func listen(
        to channels: [String],
        heartbeat: Duration = .seconds(30),
        backoff: Backoff = Backoff(),
        onFailure: @escaping @Sendable (PostgresError, Duration) -> Void = { _, _ in },
    ) -> some AsyncSequence<PostgresNotification, any Error> & Sendable {
        PostgresNotifications(
            pool: pool,
            channels: channels,
            heartbeat: heartbeat,
            backoff: backoff,
            onFailure: onFailure,
        )
    }
}

struct PostgresNotifications: AsyncSequence, Sendable {
    typealias Element = PostgresNotification
    typealias Failure = any Error

    let pool: ConnectionPool
    let channels: [String]
    let heartbeat: Duration
    let backoff: Backoff
    let onFailure: @Sendable (PostgresError, Duration) -> Void

    func makeAsyncIterator() -> Iterator {
        Iterator(listener: Listener(self))
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let listener: Listener

        mutating func next() async throws -> PostgresNotification? {
            try await next(isolation: nil)
        }

        mutating func next(isolation: isolated (any Actor)?) async throws(any Error) -> PostgresNotification? {
            try await listener.next(isolation: isolation)
        }
    }
}
