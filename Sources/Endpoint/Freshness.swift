import Activity
import Synchronization

/// What answers say about their age.
final class Freshness: Sendable {
    private let seconds: Atomic<Int64>

    /// - Parameter interval: how often a new generation is due; less than a second counts as one.
    init(interval: Duration) {
        seconds = Atomic(Self.seconds(of: interval))
    }

    /// Changes how often a new generation is due.
    func expect(every interval: Duration) {
        seconds.store(Self.seconds(of: interval), ordering: .relaxed)
    }

    private static func seconds(of interval: Duration) -> Int64 { max(1, interval.components.seconds) }

    /// The value of `Cache-Control`, for a reader who needed a token or for everybody.
    func cacheControl(isPrivate: Bool) -> String {
        let seconds = seconds.load(ordering: .relaxed)
        let whose = isPrivate ? "private" : "public"
        return "\(whose), max-age=\(seconds), stale-while-revalidate=\(seconds), stale-if-error=86400"
    }

    /// Whole seconds since a generation was computed.
    func age(of computedAt: Timestamp, at now: Timestamp) -> Int64 {
        max(0, now.microseconds - computedAt.microseconds) / 1_000_000
    }

    /// Whether three generations are missing.
    func isStale(age: Int64) -> Bool {
        age > 3 * seconds.load(ordering: .relaxed)
    }
}
