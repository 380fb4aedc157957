import CLibPQ
import Glibc
import Synchronization

/// Wakes a connection that is waiting for its socket, from any thread, for the statement it was meant for and no other.
///
/// ```
/// idle ──begin──► running(n) ──request(n)──► requested(n)
///  ▲                  └───────────end──────────────┘
///  └──────────────────────────────┘
/// ```
final class Interrupt: Sendable {
    /// A statement of this connection, or its connecting.
    struct Statement: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct State {
        var latest = Statement(number: 0)
        var isRunning = false
        var isRequested = false
    }

    /// An eventfd that is readable after a request; closed when this object ends.
    let descriptor: Int32
    private let state = Mutex(State())

    init() throws(PostgresError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw PostgresError(.connectionFailed, "no eventfd for the connection: errno \(errno)")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Whether somebody asked for the running statement to stop.
    var isRequested: Bool { state.withLock { $0.isRequested } }

    /// Marks the start of a statement.
    func begin() -> Statement {
        acknowledge()
        return state.withLock { state in
            state = State(latest: Statement(number: state.latest.number + 1), isRunning: true)
            return state.latest
        }
    }

    /// Marks the end of the running statement; later requests for it are ignored.
    func end() {
        state.withLock { state in
            state.isRunning = false
            state.isRequested = false
        }
    }

    /// Stops `statement` if it is still running; nil means whichever runs.
    func request(_ statement: Statement? = nil) {
        let isNew = state.withLock { state in
            guard state.isRunning, statement == nil || statement == state.latest else { return false }
            state.isRequested = true
            return true
        }
        guard isNew else { return }
        var one: UInt64 = 1
        write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Makes the descriptor unreadable again.
    func acknowledge() {
        var count: UInt64 = 0
        read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
