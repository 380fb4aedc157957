import NIOHTTP1

/// How many requests a client may still make, for it to know.
///
/// Source: draft-ietf-httpapi-ratelimit-headers-10, whose fields are lists of structured items (RFC 9651).
struct Quota: Sendable, Hashable {
    /// What is counted.
    enum Policy: String, Sendable, Hashable {
        case read, ingest, admin
        /// Tokens that were refused.
        case failures

        init(_ scope: AccessScope) {
            switch scope {
            case .read: self = .read
            case .ingest: self = .ingest
            case .admin: self = .admin
            }
        }
    }

    let policy: Policy
    /// Requests in a minute.
    let limit: Int
    let level: TokenBucket.Level

    static let names = ["RateLimit-Policy", "RateLimit"]

    func add(to headers: inout HTTPHeaders) {
        let name = "\"\(policy.rawValue)\""
        headers.add(name: Self.names[0], value: "\(name);q=\(limit);w=60")
        headers.add(name: Self.names[1], value: "\(name);r=\(level.remaining);t=\(level.secondsToFull)")
    }
}
