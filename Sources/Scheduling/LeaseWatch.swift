/// Tells dead daemons from slow ones, without trust in anybody's wall clock.
///
/// A run whose heartbeat has stayed the same for long, by this daemon's own monotonic clock, has nobody who does it.
struct LeaseWatch: Sendable {
    private var seen: [JobLedger.ForeignRun: SuspendingClock.Instant] = [:]

    /// Owners give a sign every five seconds.
    static let lease = Duration.seconds(15)

    /// The runs that were as they are now for longer than a lease.
    mutating func silent(
        among runs: [JobLedger.ForeignRun],
        at now: SuspendingClock.Instant = .now,
    ) -> [JobLedger.ForeignRun] {
        seen = Dictionary(runs.map { ($0, seen[$0] ?? now) }) { first, _ in first }
        return seen.filter { $0.value.duration(to: now) >= Self.lease }.keys.sorted { $0.id < $1.id }
    }
}
