/// Whether the daemon can be called ready.
///
/// Ready means that readers are answered: it listens, both stores have been tried, and there are documents. It is not
/// held up by a store that is down, nor by a long first run: those are in the status then.
struct Readiness: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long the first documents are waited for once the stores have been tried; connections of a socket that was
    /// handed over wait as long.
    static let patience = Duration.seconds(5)

    private var triedAt: Instant?

    /// Looks once more.
    ///
    /// - Parameters:
    ///   - hasTriedStores: whether PostgreSQL, its migrations included, and Redis have both been tried.
    ///   - canCompute: whether PostgreSQL is up, so that documents will come.
    ///   - hasDocuments: whether readers are answered.
    ///   - now: the moment.
    /// - Returns: true once it can be; nobody should ask again then.
    mutating func isReady(hasTriedStores: Bool, canCompute: Bool, hasDocuments: Bool, at now: Instant = .now) -> Bool {
        guard hasTriedStores else { return false }
        let since = triedAt ?? now
        triedAt = since
        return hasDocuments || !canCompute || since.duration(to: now) >= Self.patience
    }
}
