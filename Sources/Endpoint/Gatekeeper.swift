import Activity
import NIOHTTP1

/// Decides whether a request may do what it wants: first where it comes from, then its token, then how often it came.
final class Gatekeeper: Sendable {
    /// What is known of a request that may go on.
    struct Admission: Sendable {
        /// Whether the answer is this reader's alone, because a token was needed.
        let isPrivate: Bool
        /// What is left for it; nil when nothing is counted.
        let quota: Quota?
    }

    /// Whom a request is from, and what it says of itself.
    struct Visitor {
        let headers: HTTPHeaders
        let client: ClientAddress
    }

    /// Refused tokens in a minute and for each address, before the answer no longer says what is wrong.
    ///
    /// A good token is taken all the same: it cannot be guessed, so counting only spares us the work and the log, and
    /// must not let one client lock out another behind the same address.
    static let failuresPerMinute = 10

    let rules: AccessRules
    let access: AccessControl
    private let limiter = RateLimiter()

    init(_ access: AccessControl, _ rules: AccessRules) {
        self.access = access
        self.rules = rules
    }

    /// Looks whether a request may go on, and counts it.
    func admit(_ visitor: Visitor, for scope: AccessScope, at now: Timestamp) throws(Problem) -> Admission {
        let holder = try identify(visitor, for: scope, at: now)
        let limit = rules.requestsPerMinute[scope]
        guard limit > 0 else { return Admission(isPrivate: holder != nil, quota: nil) }
        let client = holder.map(RateLimiter.Key.Client.holder) ?? .address(visitor.client.subscriber)
        let (quota, isWithin) = limiter.count(Quota.Policy(scope), limit, of: client, at: now)
        guard isWithin else { throw .tooManyRequests(quota) }
        return Admission(isPrivate: holder != nil, quota: quota)
    }

    /// The same without counting it.
    ///
    /// - Returns: the id of its token; nil when none was needed.
    @discardableResult
    func identify(_ visitor: Visitor, for scope: AccessScope, at now: Timestamp) throws(Problem) -> String? {
        let allowed = rules.allowed[scope]
        guard allowed.isEmpty || allowed.contains(visitor.client) else { throw .notAllowed(from: visitor.client) }
        if scope != .read { try refuseForgery(visitor.headers) }
        do throws(Problem) {
            return try access.check(scope, visitor.headers)
        } catch {
            if error.status == .unauthorized { try countFailure(of: visitor, at: now) }
            throw error
        }
    }

    /// Nobody is blamed for having no token at all.
    private func countFailure(of visitor: Visitor, at now: Timestamp) throws(Problem) {
        guard visitor.headers.contains(name: "authorization") else { return }
        let client = RateLimiter.Key.Client.address(visitor.client.subscriber)
        let (quota, isWithin) = limiter.count(.failures, Self.failuresPerMinute, of: client, at: now)
        guard isWithin else { throw .tooManyRequests(quota) }
    }

    /// Where no token is needed, a page from anywhere could otherwise change something here through the browser of
    /// somebody who may. A browser says by itself where a page is from, and the page cannot change it: in Fetch metadata,
    /// or where the connection is not secure in `Origin` alone. A page whose name was made to mean this machine (DNS
    /// rebinding) is of the same origin, but not under an address.
    private func refuseForgery(_ headers: HTTPHeaders) throws(Problem) {
        guard !rules.crossOrigin.allows(headers) else { return }
        if let site = headers.first(name: "sec-fetch-site"), site != "same-origin", site != "none" { throw .crossSite }
        guard let origin = headers.first(name: "origin") else { return }
        let host = headers.first(name: "host") ?? ""
        let isOwn = origin == "http://\(host)" || origin == "https://\(host)"
        guard isOwn, !access.isOpen || HostName.isAddress(host) else { throw .crossSite }
    }
}

extension Request {
    var visitor: Gatekeeper.Visitor { Gatekeeper.Visitor(headers: headers, client: client) }
}

extension Problem {
    fileprivate static func notAllowed(from client: ClientAddress) -> Problem {
        Problem(status: .forbidden, detail: "clients at \(client) may not do this")
    }

    fileprivate static let crossSite = Problem(
        status: .forbidden,
        detail: "pages of other sites may only read; accepted: requests of the origins in http.cors",
    )

    fileprivate static func tooManyRequests(_ quota: Quota) -> Problem {
        let what = quota.policy == .failures ? "refused tokens" : "requests for \(quota.policy.rawValue)"
        return Problem(
            status: .tooManyRequests,
            detail: "too many \(what); accepted: \(quota.limit) in a minute",
            retryAfter: max(1, quota.level.secondsToNext),
            quota: quota,
        )
    }
}
