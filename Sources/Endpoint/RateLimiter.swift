import Activity
import Synchronization

/// Counts the requests of each client against quotas, in bounded memory.
final class RateLimiter: Sendable {
    /// Whose requests are counted together, and as what.
    struct Key: Sendable, Hashable {
        enum Client: Sendable, Hashable {
            /// Whoever holds tokens of this id.
            case holder(String)
            case address(ClientAddress)
        }

        let policy: Quota.Policy
        let client: Client
    }

    private static let maximumClients = 10_000

    private let buckets = Mutex(RecentTable<Key, TokenBucket>(maximumCount: maximumClients))

    /// Counts a request.
    ///
    /// - Returns: what is left, and whether there was anything left.
    func count(_ policy: Quota.Policy, _ limit: Int, of client: Key.Client, at now: Timestamp) -> (Quota, Bool) {
        buckets.withLock { buckets in
            buckets.update(Key(policy: policy, client: client), default: TokenBucket(at: now)) { bucket in
                let isWithin = bucket.take(of: limit, at: now)
                return (Quota(policy: policy, limit: limit, level: bucket.level(of: limit, at: now)), isWithin)
            }
        }
    }
}
