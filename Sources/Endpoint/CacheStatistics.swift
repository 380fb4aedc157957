/// How often queries found their document.
struct CacheStatistics: Sendable, Equatable {
    /// Queries whose document was there.
    var hits: Int64 = 0
    /// Queries that had to wait for a computation.
    var misses: Int64 = 0
    /// Computations: less than misses when several readers wait for the same.
    var computations: Int64 = 0
    /// Documents that can be served without a computation.
    var keys = 0

    /// As `94.47%`.
    var hitRate: String {
        let total = hits + misses
        let basisPoints = total == 0 ? 0 : hits * 10_000 / total
        return "\(basisPoints / 100).\(basisPoints % 100 < 10 ? "0" : "")\(basisPoints % 100)%"
    }
}
