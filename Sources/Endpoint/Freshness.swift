import Activity

/// What answers say about their age.
struct Freshness: Sendable {
    private let shared: String
    private let exclusive: String
    private let staleAge: Int64

    /// - Parameter interval: how often a new generation is due; less than a second counts as one.
    init(interval: Duration) {
        let seconds = max(1, interval.components.seconds)
        let directives = "max-age=\(seconds), stale-while-revalidate=\(seconds), stale-if-error=86400"
        shared = "public, \(directives)"
        exclusive = "private, \(directives)"
        staleAge = 3 * seconds
    }

    /// The value of `Cache-Control`, for a reader who needed a token or for everybody.
    func cacheControl(isPrivate: Bool) -> String {
        isPrivate ? exclusive : shared
    }

    /// Whole seconds since a generation was computed.
    func age(of computedAt: Timestamp, at now: Timestamp) -> Int64 {
        max(0, now.microseconds - computedAt.microseconds) / 1_000_000
    }

    /// Whether three generations are missing.
    func isStale(age: Int64) -> Bool {
        age > staleAge
    }
}
