import CLibPQ
import Glibc

/// Owns one `PGconn` and speaks the protocol on it, waiting with `poll(2)`.
///
/// Everything here blocks the calling thread and runs on one executor only, that of the connection. A statement that does
/// not run to its end (deadline, cancellation, an error of the caller) is stopped on the server and leaves the session
/// broken: nobody can tell whether the request to cancel arrives during this statement or the next.
final class Session {
    /// How long a statement may take to end after it was asked to.
    static let drainTime = Duration.seconds(2)

    let connection: OpaquePointer
    private let interrupt: Interrupt
    /// Set once this session must not be used again.
    private(set) var isBroken = false
    /// Of whoever waits for the running statement.
    var pulse: Pulse?
    /// Whether a statement was sent whose last result has not been read.
    private var isActive = false

    /// Takes ownership of `connection`; `PQfinish` is called when this object ends.
    init(owning connection: OpaquePointer, _ interrupt: Interrupt) {
        self.connection = connection
        self.interrupt = interrupt
    }

    deinit {
        PQfinish(connection)
    }

    /// For example 150018 for 15.18.
    var serverVersion: Int { Int(PQserverVersion(connection)) }

    /// The server's process for this connection.
    var processID: Int32 { PQbackendPID(connection) }

    /// Whether no transaction is open.
    var isOutsideTransaction: Bool { PQtransactionStatus(connection) == PQTRANS_IDLE }

    /// Whether nothing has arrived on an idle connection. A server that speaks unasked says goodbye or hangs up; what
    /// else it may have to say (a changed setting) is so rare that a new connection costs less than understanding it.
    var isSilent: Bool {
        guard !isBroken, PQstatus(connection) == CONNECTION_OK else { return false }
        var descriptor = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) == 0
    }

    /// Runs `body` between sending a statement and reading its last result, and leaves nothing half done.
    func statement<Value: ~Copyable>(
        send: () throws(PostgresError) -> Bool,
        _ body: () throws -> Value,
    ) throws -> Value {
        guard !isBroken else { throw PostgresError.lostEarlier }
        guard !interrupt.isRequested else { throw PostgresError.cancelled }
        guard try send() else { throw sendFailure() }
        isActive = true
        defer { if PQstatus(connection) != CONNECTION_OK { isBroken = true } }
        do {
            return try body()
        } catch {
            if isActive { stop() }
            throw error
        }
    }

    /// The next result of the statement, owned by the caller; nil after the last one.
    func nextResult(_ deadline: Deadline) throws(PostgresError) -> OpaquePointer? {
        while PQisBusy(connection) == 1 {
            // When the connection is gone, PQgetResult does not block but returns an error result that says why.
            guard try awaitInput(deadline) else { break }
        }
        let result = PQgetResult(connection)
        if result == nil { isActive = false }
        return result
    }

    /// Reads the results up to the last. Call it where none is expected to matter any more.
    func readToEnd(_ deadline: Deadline) throws(PostgresError) {
        var failure: PostgresError?
        while let result = try nextResult(deadline) {
            defer { PQclear(result) }
            failure = failure ?? self.failure(result)
        }
        if let failure { throw failure }
    }

    /// The error that a result stands for; nil for success.
    func failure(_ result: OpaquePointer) -> PostgresError? {
        let status = PQresultStatus(result)
        switch status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE:
            return nil
        case PGRES_FATAL_ERROR, PGRES_NONFATAL_ERROR, PGRES_BAD_RESPONSE:
            return PostgresError(result: result, connectionIsLost: PQstatus(connection) != CONNECTION_OK)
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            return PostgresError(.misuse, "COPY is refused here; use copyOut for COPY … TO STDOUT")
        default:
            return PostgresError(.unexpectedAnswer, "libpq returned a result with status \(status.rawValue)")
        }
    }

    /// Sends what is still to be sent and reads once. False when the connection is gone.
    func awaitInput(_ deadline: Deadline, heedsInterrupt: Bool = true) throws(PostgresError) -> Bool {
        // A failed flush is not reported here: what the server said before it hung up can still be read.
        let wanted = PQflush(connection) == 1 ? POLLIN | POLLOUT : POLLIN
        let ready = try wait(for: wanted, deadline, heedsInterrupt: heedsInterrupt)
        guard ready & ~POLLOUT != 0 else { return true }
        return PQconsumeInput(connection) == 1
    }

    /// Waits for the socket; returns what `poll(2)` found.
    func wait(for events: Int32, _ deadline: Deadline, heedsInterrupt: Bool = true) throws(PostgresError) -> Int32 {
        while true {
            if heedsInterrupt, interrupt.isRequested { throw .cancelled }
            // Asked before the socket, or a stream of rows that never pauses would outlive its deadline.
            if deadline.hasPassed { throw PostgresError(.timedOut, "the server did not answer in time") }
            // The socket is asked for each time: libpq replaces it while it tries one host after the other.
            var descriptors = [
                pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0),
                pollfd(fd: heedsInterrupt ? interrupt.descriptor : -1, events: Int16(POLLIN), revents: 0),
            ]
            // poll ignores negative descriptors, so a lost socket would be waited for until the deadline.
            guard descriptors[0].fd >= 0 else { return POLLERR }
            let count = poll(&descriptors, 2, deadline.pollTimeout(upTo: pulse.map { _ in Pulse.waitingInterval }))
            pulse?.beat()
            guard count >= 0 || errno == EINTR else { return POLLERR }
            if descriptors[1].revents != 0 { interrupt.acknowledge() }
            if count > 0, descriptors[0].revents != 0 { return Int32(descriptors[0].revents) }
        }
    }

    /// libpq refuses a statement without sending it when, say, there are too many parameters.
    private func sendFailure() -> PostgresError {
        let isAlive = PQstatus(connection) == CONNECTION_OK
        isBroken = !isAlive || PQtransactionStatus(connection) == PQTRANS_ACTIVE
        return PostgresError(isAlive ? .misuse : .connectionLost, connection: connection)
    }

    /// Stops the statement on the server and waits a little for its end; the session is of no use afterwards.
    private func stop() {
        isBroken = true
        guard PQstatus(connection) == CONNECTION_OK else { return }
        CancelRequest(connection)?.send()
        let deadline = Deadline(after: Self.drainTime)
        while !deadline.hasPassed, drainOnce() {
            guard (try? awaitInput(deadline, heedsInterrupt: false)) == true else { return }
        }
    }

    /// Throws away what has arrived. False when the statement has ended.
    private func drainOnce() -> Bool {
        while PQisBusy(connection) == 0 {
            guard let result = PQgetResult(connection) else {
                isActive = false
                return false
            }
            defer { PQclear(result) }
            guard PQresultStatus(result) != PGRES_COPY_OUT else { return drainCopy() }
            guard PQresultStatus(result) != PGRES_COPY_IN else { return false }
        }
        return true
    }

    /// False when the copy has ended in a way that no further results are to be expected from.
    private func drainCopy() -> Bool {
        var buffer: UnsafeMutablePointer<CChar>?
        while true {
            let length = PQgetCopyData(connection, &buffer, 1)
            PQfreemem(buffer)
            guard length <= 0 else { continue }
            return length == 0 || drainOnce()
        }
    }
}
