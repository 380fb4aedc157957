/// Who may send, who waits to, and who wants to know: the state of a client without its input and output.
///
/// ```
/// idle ──▶ connecting ──▶ connected ◀──▶ disconnected
///   ▲          └────────── stop ─────────────┘
///   └── stopped ◀──┘   (and starts again)
/// ```
struct ConnectionGate<Connection: Identifiable & Sendable>: Sendable {
    private enum Phase: Sendable {
        case idle
        case connecting
        case connected(Connection, since: ContinuousClock.Instant)
        case disconnected(RedisError)
        case stopped
    }

    enum RequestAction {
        case use(Connection)
        case wait(id: Int)
        case refuse(RedisError)
    }

    /// Whom to tell, with the lock given back.
    struct News {
        var waiters: [OneShot<Connection>] = []
        var observers: [AsyncStream<Void>.Continuation] = []
    }

    private var phase = Phase.idle
    private var waiters: [Int: OneShot<Connection>] = [:]
    private var observers: [Int: AsyncStream<Void>.Continuation] = [:]
    private var lastID = 0

    mutating func start() {
        switch phase {
        case .idle, .stopped: phase = .connecting
        case .connecting, .connected, .disconnected: preconditionFailure("run() is called while it runs")
        }
    }

    mutating func connected(_ connection: Connection, at now: ContinuousClock.Instant) -> News {
        phase = .connected(connection, since: now)
        defer { waiters.removeAll() }
        return News(waiters: Array(waiters.values), observers: Array(observers.values))
    }

    /// An attempt failed.
    mutating func failed(_ error: RedisError) {
        phase = .disconnected(error)
    }

    /// This connection has ended. Who finds it closed first says so; of an older one it is no news.
    mutating func lost(_ connection: Connection.ID, _ error: RedisError) {
        guard case .connected(let current, _) = phase, current.id == connection else { return }
        phase = .disconnected(error)
    }

    /// The waiters are to be failed and the observers to be finished.
    mutating func stop() -> News {
        phase = .stopped
        defer {
            waiters.removeAll()
            observers.removeAll()
        }
        return News(waiters: Array(waiters.values), observers: Array(observers.values))
    }

    /// Someone wants to send; without a connection its one-shot is kept until there is one.
    mutating func request(_ waiter: OneShot<Connection>) -> RequestAction {
        switch phase {
        case .connected(let connection, _): return .use(connection)
        case .stopped: return .refuse(.stopped)
        case .idle, .connecting, .disconnected:
            lastID += 1
            waiters[lastID] = waiter
            return .wait(id: lastID)
        }
    }

    /// A waiter has given up.
    mutating func forget(waiter id: Int) {
        waiters[id] = nil
    }

    /// Someone wants to know of connections; answers with whether there is one now, or nil when there will be none.
    mutating func observe(_ observer: AsyncStream<Void>.Continuation) -> (id: Int, isConnected: Bool)? {
        lastID += 1
        switch phase {
        case .stopped: return nil
        case .connected:
            observers[lastID] = observer
            return (lastID, true)
        case .idle, .connecting, .disconnected:
            observers[lastID] = observer
            return (lastID, false)
        }
    }

    /// An observer has gone.
    mutating func forget(observer id: Int) {
        observers[id] = nil
    }
}

extension ConnectionGate {
    var state: RedisConnectionState {
        switch phase {
        case .idle, .stopped: .disconnected(lastError: nil)
        case .connecting: .connecting
        case .connected(_, let since): .connected(since: since)
        case .disconnected(let error): .disconnected(lastError: error)
        }
    }

    /// What a waiter is told whose time is up.
    var absence: RedisError {
        let reason =
            switch phase {
            case .idle: "the client is not running yet"
            case .connecting: "the first attempt is still under way"
            case .connected: "the connection came too late"
            case .disconnected(let error): "the last attempt: \(error.message)"
            case .stopped: "the client has stopped"
            }
        return RedisError(code: .notConnected, message: "there is no connection to Redis; \(reason)")
    }
}

extension RedisError {
    static let stopped = RedisError(code: .notConnected, message: "the Redis client has stopped")
}
