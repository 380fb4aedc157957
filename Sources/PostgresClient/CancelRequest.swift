import CLibPQ
import Dispatch
import Synchronization

/// Asks the server to stop a connection's statement, over a connection of its own.
///
/// - Note: `@unchecked Sendable` because a `PGcancel` is a copy of what it needs and `PQcancel` may be called in another
///   thread than the one that manipulates the `PGconn` (PostgreSQL documentation, "Canceling Queries in Progress").
final class CancelRequest: @unchecked Sendable {
    /// `PQcancel` blocks for as long as the network lets it; a dead server must not collect threads without bound.
    private static let limit = 16
    private static let pending = Atomic<Int>(0)

    private let request: OpaquePointer

    /// Nil when the connection has no socket any more.
    init?(_ connection: OpaquePointer) {
        guard let request = PQgetCancel(connection) else { return nil }
        self.request = request
    }

    deinit {
        PQfreeCancel(request)
    }

    /// Sends the request from a thread of its own and does not wait for it.
    func send() {
        guard Self.pending.add(1, ordering: .relaxed).newValue <= Self.limit else {
            Self.pending.subtract(1, ordering: .relaxed)
            return
        }
        DispatchQueue(label: "PostgresClient.cancel").async { [self] in
            // Whether it arrived shows on the connection itself: its statement ends or does not.
            var reason = [CChar](repeating: 0, count: 256)
            _ = PQcancel(request, &reason, Int32(reason.count))
            Self.pending.subtract(1, ordering: .relaxed)
        }
    }
}
