/// The state of one iteration over notifications.
///
/// ```
///            connect, LISTEN                  notifications
/// waiting ──────────────────► listening ◄──────────────────► (yields them)
///    ▲                            │
///    └──────── back-off ◄─────────┘ connection lost, heartbeat failed
/// ```
final class Listener {
    private let sequence: PostgresNotifications
    private var backoff: Backoff
    private var connection: PostgresConnection?
    private var received: ArraySlice<PostgresNotification> = []

    /// How long the server may take to answer a heartbeat or LISTEN.
    private static let answerTime = Duration.seconds(5)

    init(_ sequence: PostgresNotifications) {
        self.sequence = sequence
        backoff = sequence.backoff
    }

    deinit {
        if let connection { sequence.pool.forget(ObjectIdentifier(connection)) }
    }

    /// The next notification; nil after cancellation of the task or closing of the client.
    func next(isolation: isolated (any Actor)?) async throws -> PostgresNotification? {
        while !Task.isCancelled, !sequence.pool.isClosed {
            if let notification = received.popFirst() { return notification }
            do {
                guard let connection else { return try await connect(isolation) }
                received = try await receive(connection, isolation)[...]
            } catch let error as PostgresError {
                try await recover(from: error, isolation)
            }
        }
        drop()
        return nil
    }

    private func connect(_ isolation: isolated (any Actor)?) async throws -> PostgresNotification {
        let connection = try await sequence.pool.connect()
        self.connection = connection
        for channel in sequence.channels {
            _ = try await connection.query("LISTEN \(Self.quote(channel))", timeout: Self.answerTime)
        }
        backoff.reset()
        return .connected
    }

    private func receive(
        _ connection: PostgresConnection,
        _ isolation: isolated (any Actor)?,
    ) async throws -> [PostgresNotification] {
        let notifications = try await connection.notifications(within: sequence.heartbeat)
        if notifications.isEmpty {
            _ = try await connection.query("SELECT", timeout: Self.answerTime)
        }
        return notifications
    }

    /// Waits before the next attempt; throws what no attempt can mend.
    private func recover(from error: PostgresError, _ isolation: isolated (any Actor)?) async throws {
        drop()
        guard !Task.isCancelled, !sequence.pool.isClosed else { return }
        guard error.isRetriable else { throw error }
        let delay = backoff.next()
        sequence.onFailure(error, delay)
        // The back-off. Cancelling ends it early, and the caller sees that.
        try? await Task.sleep(for: delay)
    }

    private func drop() {
        guard let connection else { return }
        sequence.pool.forget(ObjectIdentifier(connection))
        self.connection = nil
    }

    private static func quote(_ channel: String) -> String {
        "\"" + channel.replacing("\"", with: "\"\"") + "\""
    }
}
