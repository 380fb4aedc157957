import Synchronization

/// Lets one statement at a time onto a connection, in order of arrival, and a whole transaction as if it were one.
///
/// Statements of the task that opened the transaction (and of its child tasks) pass; those of other tasks wait until it
/// has ended, so that they cannot become part of it by accident.
final class StatementGate: Sendable {
    /// How a statement came in; it decides what leaving does.
    enum Entry {
        case queued
        case insideTransaction
    }

    /// A transaction of any connection in this process.
    struct Transaction: Hashable, Sendable {
        private static let latest = Atomic<UInt64>(0)
        private let number = Transaction.latest.add(1, ordering: .relaxed).newValue
    }

    /// The transactions that the current task is inside of, on whatever connections.
    @TaskLocal static var enclosing: Set<Transaction> = []

    private let permit = FairSemaphore(permits: 1, refusal: .closed)
    private let open = Mutex<Transaction?>(nil)

    /// How many wait to get in.
    var waiterCount: Int { permit.waiterCount }

    /// Whether the current task is inside this connection's transaction.
    var isInsideTransaction: Bool {
        open.withLock { $0.map(Self.enclosing.contains) ?? false }
    }

    func enter() async throws -> Entry {
        guard !isInsideTransaction else { return .insideTransaction }
        try await permit.acquire()
        return .queued
    }

    func leave(_ entry: Entry) {
        switch entry {
        case .queued: permit.release()
        case .insideTransaction: break
        }
    }

    func openTransaction() async throws -> Transaction {
        guard !isInsideTransaction else {
            throw PostgresError(.misuse, "a transaction is open on this connection already; use SAVEPOINT inside it")
        }
        try await permit.acquire()
        let transaction = Transaction()
        open.withLock { $0 = transaction }
        return transaction
    }

    func closeTransaction() {
        open.withLock { $0 = nil }
        permit.release()
    }
}
