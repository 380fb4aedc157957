/// One connection to the server.
///
/// It runs on an executor of its own, where waiting for the socket blocks nobody else. Statements run one after the other
/// in order of arrival, and a transaction keeps those of other tasks out until it has ended. Still, a connection belongs to
/// one user at a time: settings, temporary tables and session locks are shared by all who use it.
///
/// A statement that is stopped before its end (time-out, cancellation of the task, `cancel()`, an error thrown by a
/// closure that reads rows) takes the connection with it: the statement is cancelled on the server, and later calls fail
/// with `connectionLost`.
public actor PostgresConnection {
    private nonisolated let executor = ConnectionExecutor()
    nonisolated let interrupt: Interrupt
    nonisolated let gate = StatementGate()
    private var session: Session?
    private var isClosed = false

    /// The server's version as one number, for example 150018 for 15.18.
    public private(set) var serverVersion = 0
    /// The process that serves this connection, as in `pg_stat_activity`.
    public private(set) var processID: Int32 = 0

    /// The executor of this connection alone.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init() throws(PostgresError) {
        interrupt = try Interrupt()
    }

    /// Runs one statement, with results in binary format.
    ///
    /// - Parameters:
    ///   - sql: one statement with parameters `$1`, `$2`, …
    ///   - parameters: their values.
    ///   - timeout: from the start of the statement; nil waits for as long as the server does.
    /// - Returns: all rows.
    /// - Throws: `PostgresError`.
    public nonisolated(nonsending) func query(
        _ sql: String,
        _ parameters: [PostgresParameter] = [],
        timeout: Duration? = nil,
    ) async throws -> PostgresResult {
        let entry = try await gate.enter()
        defer { gate.leave(entry) }
        return try await run(sql, parameters, timeout: timeout)
    }

    /// Runs several statements, separated by semicolons, and counts their rows without keeping them.
    ///
    /// The server takes them for one transaction unless they contain BEGIN and COMMIT. The first error ends the script.
    ///
    /// - Parameters:
    ///   - script: the statements; no parameters.
    ///   - timeout: for all of them.
    /// - Returns: what the last statement did.
    /// - Throws: `PostgresError`.
    @discardableResult
    public nonisolated(nonsending) func execute(
        script: String,
        timeout: Duration? = nil,
    ) async throws -> PostgresOutcome {
        let entry = try await gate.enter()
        defer { gate.leave(entry) }
        return try await runScript(script, timeout: timeout)
    }

    /// Runs one statement and reduces its rows as they arrive, so that memory does not grow with their number.
    ///
    /// - Parameters:
    ///   - sql: one statement.
    ///   - parameters: values for `$1`, `$2`, …
    ///   - timeout: for all rows.
    ///   - initial: the state to begin with.
    ///   - reduce: called for each row on the connection's executor; must not wait.
    /// - Returns: the last state.
    /// - Throws: `PostgresError`, or what `reduce` throws, which costs the connection.
    public nonisolated(nonsending) func stream<State: Sendable>(
        _ sql: String,
        _ parameters: [PostgresParameter] = [],
        timeout: Duration? = nil,
        into initial: State,
        _ reduce: @escaping @Sendable (inout State, borrowing PostgresRow) throws -> Void,
    ) async throws -> State {
        let entry = try await gate.enter()
        defer { gate.leave(entry) }
        return try await runStream(sql, parameters, timeout, initial, reduce)
    }

    /// Copies a query or table in binary format and reduces its rows as they arrive: the fastest way to read many.
    ///
    /// - Parameters:
    ///   - sql: SELECT, VALUES, WITH or TABLE without parameters, or the name of a table.
    ///   - timeout: for all rows.
    ///   - initial: the state to begin with.
    ///   - reduce: called for each row on the connection's executor; must not wait.
    /// - Returns: the last state.
    /// - Throws: `PostgresError`, or what `reduce` throws, which costs the connection.
    public nonisolated(nonsending) func copyOut<State: Sendable>(
        _ sql: String,
        timeout: Duration? = nil,
        into initial: State,
        _ reduce: @escaping @Sendable (inout State, inout BinaryCopyRow) throws -> Void,
    ) async throws -> State {
        let entry = try await gate.enter()
        defer { gate.leave(entry) }
        return try await runCopy(sql, timeout, initial, reduce)
    }

    /// Stops the statement that is running now, if any, and returns when it has ended.
    ///
    /// Whoever waits for it gets an error with code `cancelled`, and the connection is of no use afterwards.
    public nonisolated(nonsending) func cancel() async {
        interrupt.request()
        await settle()
    }

    /// Closes the connection after the statement that is running now. Later calls fail with `misuse`.
    public func close() {
        isClosed = true
        session = nil
    }
}

// What runs on the connection's executor. None of it suspends between sending a statement and reading its last result,
// so that the actor lets nothing in between.
extension PostgresConnection {
    func open(_ configuration: PostgresConfiguration) async throws {
        let statement = interrupt.begin()
        defer { interrupt.end() }
        try await withTaskCancellationHandler {
            let session = try Session.open(configuration, interrupt, Deadline(after: configuration.connectTimeout))
            serverVersion = session.serverVersion
            processID = session.processID
            self.session = session
        } onCancel: {
            interrupt.request(statement)
        }
    }

    /// Whether the connection may be lent again: alive, and outside of a transaction.
    public var isReusable: Bool { session.map { $0.isSilent && $0.isOutsideTransaction } ?? false }

    var isOutsideTransaction: Bool { session?.isOutsideTransaction ?? true }

    /// Returns when the statement that is running has ended, because that blocks the executor.
    private func settle() {}

    func run(
        _ sql: String,
        _ parameters: [PostgresParameter] = [],
        timeout: Duration? = nil,
        isShielded: Bool = false,
    ) async throws -> PostgresResult {
        var result: PostgresResult?
        try await withSession(timeout, isShielded: isShielded) { session, deadline in
            result = try session.query(sql, parameters, deadline)
        }
        guard let result = result.take() else { throw PostgresError.lostEarlier }
        return result
    }

    func notifications(within duration: Duration) async throws -> [PostgresNotification] {
        var notifications: [PostgresNotification] = []
        try await withSession(duration) { session, deadline in
            notifications = try session.notifications(deadline)
        }
        return notifications
    }

    private func runScript(_ script: String, timeout: Duration?) async throws -> PostgresOutcome {
        var outcome = PostgresOutcome.nothing
        try await withSession(timeout) { session, deadline in
            outcome = try session.execute(script: script, deadline)
        }
        return outcome
    }

    private func runStream<State: Sendable>(
        _ sql: String,
        _ parameters: [PostgresParameter],
        _ timeout: Duration?,
        _ initial: State,
        _ reduce: @Sendable (inout State, borrowing PostgresRow) throws -> Void,
    ) async throws -> State {
        var state = initial
        try await withSession(timeout) { session, deadline in
            try session.stream(sql, parameters, deadline, into: &state, reduce)
        }
        return state
    }

    private func runCopy<State: Sendable>(
        _ sql: String,
        _ timeout: Duration?,
        _ initial: State,
        _ reduce: @Sendable (inout State, inout BinaryCopyRow) throws -> Void,
    ) async throws -> State {
        var state = initial
        try await withSession(timeout) { session, deadline in
            try session.copyOut(sql, deadline, into: &state, reduce)
        }
        return state
    }

    /// Runs `body`, which the cancellation of the task interrupts unless it is shielded, and drops a broken session.
    private func withSession(
        _ timeout: Duration?,
        isShielded: Bool = false,
        _ body: (Session, Deadline) throws -> Void,
    ) async throws {
        guard let session else { throw isClosed ? PostgresError.closed : PostgresError.lostEarlier }
        let statement = interrupt.begin()
        session.pulse = Pulse.current
        defer {
            interrupt.end()
            session.pulse = nil
            if session.isBroken { self.session = nil }
        }
        let deadline = Deadline(after: timeout)
        guard !isShielded else { return try block(session, deadline, body) }
        try await withTaskCancellationHandler {
            try block(session, deadline, body)
        } onCancel: {
            interrupt.request(statement)
        }
    }

    /// A method, because a closure that does not mention `self` is not isolated to it: its statements would block threads
    /// of the cooperative pool.
    private func block(
        _ session: Session,
        _ deadline: Deadline,
        _ body: (Session, Deadline) throws -> Void,
    ) throws {
        preconditionIsolated("a statement must block the connection's own executor only")
        try body(session, deadline)
    }
}
