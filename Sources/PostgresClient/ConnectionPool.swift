import Synchronization

/// Lends connections, each to one user at a time, and at most so many at once.
final class ConnectionPool: Sendable {
    private struct State {
        var idle: [PostgresConnection] = []
        /// Lent or listening: what `close` must end.
        var busy: [ObjectIdentifier: PostgresConnection] = [:]
        var isClosed = false
    }

    let configuration: PostgresConfiguration
    private let permits: FairSemaphore
    private let state = Mutex(State())

    static let refusal = PostgresError(.poolClosed, "the pool is closed")

    init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        permits = FairSemaphore(permits: max(1, configuration.maximumConnections), refusal: Self.refusal)
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }
    var idleCount: Int { state.withLock { $0.idle.count } }
    var waiterCount: Int { permits.waiterCount }

    /// Waits for a connection; give it back exactly once.
    func lend() async throws -> PostgresConnection {
        try await permits.acquire()
        do {
            guard let connection = await takeIdle() else { return try await connect() }
            return connection
        } catch {
            permits.release()
            throw error
        }
    }

    /// Takes a connection back. A broken one is dropped, and so is one inside a transaction: the server rolls back.
    func giveBack(_ connection: PostgresConnection) async {
        let isReusable = await connection.isReusable
        let isKept = state.withLock { state in
            state.busy[ObjectIdentifier(connection)] = nil
            guard isReusable, !state.isClosed else { return false }
            state.idle.append(connection)
            return true
        }
        if !isKept { await connection.close() }
        permits.release()
    }

    /// Opens a connection that `close` ends too, beside those that are lent. Call `forget` when it has ended.
    func connect() async throws -> PostgresConnection {
        let connection = try await PostgresConnection.connect(configuration)
        let isClosed = state.withLock { state in
            if !state.isClosed { state.busy[ObjectIdentifier(connection)] = connection }
            return state.isClosed
        }
        guard !isClosed else {
            await connection.close()
            throw Self.refusal
        }
        return connection
    }

    func forget(_ connection: ObjectIdentifier) {
        state.withLock { $0.busy[connection] = nil }
    }

    /// Refuses new users, waits for the present ones for `grace`, then ends their connections.
    func close(grace: Duration) async {
        let idle = state.withLock { state in
            defer { state.idle = [] }
            state.isClosed = true
            return state.idle
        }
        permits.close()
        for connection in idle {
            await connection.close()
        }
        await drain(grace)
        for connection in state.withLock({ Array($0.busy.values) }) {
            await connection.cancel()
            await connection.close()
        }
    }

    private func drain(_ grace: Duration) async {
        await withTaskGroup { group in
            group.addTask { await self.permits.drained() }
            // The grace that users of connections are given; cancelled below when all have come back sooner.
            group.addTask { try? await Task.sleep(for: grace) }
            await group.next()
            self.permits.stopDraining()
            group.cancelAll()
        }
    }

    /// The connection that was used last, because the server's caches are warmest there.
    private func takeIdle() async -> PostgresConnection? {
        while let connection = popIdle() {
            guard await !connection.isReusable else { return connection }
            forget(ObjectIdentifier(connection))
            await connection.close()
        }
        return nil
    }

    private func popIdle() -> PostgresConnection? {
        state.withLock { state in
            guard let connection = state.idle.popLast() else { return nil }
            state.busy[ObjectIdentifier(connection)] = connection
            return connection
        }
    }
}
