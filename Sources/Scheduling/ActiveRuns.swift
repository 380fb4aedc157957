import PostgresClient
import Synchronization

/// The runs that this daemon has under way.
final class ActiveRuns: Sendable {
    /// What is told of a run while it lasts.
    struct Sign: Sendable {
        var claim: Claim
        var startedAt: PostgresTimestamp?
        var processID: Int32?
    }

    /// Why a run is ended before its time.
    enum Ending: Sendable {
        /// Somebody asked for it.
        case requested
        /// Another daemon has taken it over.
        case lost
        /// The daemon stops.
        case shutdown
    }

    private struct Run {
        var sign: Sign
        var since = SuspendingClock.now
        var ending: Ending?
        var cancel: (@Sendable () -> Void)?
    }

    private let runs = Mutex<[Int64: Run]>([:])

    /// How many there are.
    var count: Int { runs.withLock(\.count) }

    /// Takes up a run.
    func add(_ claim: Claim) {
        runs.withLock { $0[claim.id] = Run(sign: Sign(claim: claim)) }
    }

    /// Says how a run can be ended; it is ended at once when that was wanted already.
    func set(_ id: Int64, cancel: @escaping @Sendable () -> Void) {
        let isEnding = runs.withLock { runs in
            runs[id]?.cancel = cancel
            return runs[id]?.ending != nil
        }
        if isEnding { cancel() }
    }

    /// Takes note that the action has begun.
    func started(_ id: Int64, at time: PostgresTimestamp, processID: Int32?) {
        runs.withLock { runs in
            runs[id]?.sign.startedAt = time
            runs[id]?.sign.processID = processID
        }
    }

    /// What there is to tell of a run.
    func sign(_ id: Int64) -> Sign? { runs.withLock { $0[id]?.sign } }

    /// Why a run was ended; nil when it was not.
    func ending(_ id: Int64) -> Ending? { runs.withLock { $0[id]?.ending } }

    /// Forgets a run.
    func remove(_ id: Int64) {
        runs.withLock { $0[id] = nil }
    }

    /// Runs that have lasted for some time.
    func signs(olderThan age: Duration = .zero) -> [Sign] {
        let now = SuspendingClock.now
        return runs.withLock { runs in
            runs.values.filter { $0.since.duration(to: now) >= age }.map(\.sign)
        }
    }

    /// Ends runs.
    func end(_ ids: some Sequence<Int64>, _ ending: Ending) {
        let cancels = runs.withLock { runs in
            ids.compactMap { id -> (@Sendable () -> Void)? in
                guard let run = runs[id], run.ending == nil else { return nil }
                runs[id]?.ending = ending
                return run.cancel
            }
        }
        for cancel in cancels { cancel() }
    }

    /// Ends all runs.
    func endAll(_ ending: Ending) {
        end(runs.withLock { Array($0.keys) }, ending)
    }
}
