import NIOHTTP1
import Synchronization

/// Who may do what. Its tokens are replaced whole while requests are answered.
///
///     open ─first token→ closed: everything but health wants a token that allows it ─last token gone→ open
///
/// Where tokens are a must it never opens: without any, everybody is refused.
package final class AccessControl: Sendable {
    private let needsTokens: Bool
    private let grants: Mutex<[AccessGrant]>
    /// Said apart, so that those who need no token take no lock.
    private let open: Atomic<Bool>
    private let replacements = Atomic<Int>(0)

    /// Control by some tokens.
    ///
    /// - Parameters:
    ///   - grants: what the tokens allow; none leaves everything open.
    ///   - needsTokens: whether nothing may be open although there are no tokens.
    package init(_ grants: [AccessGrant] = [], needsTokens: Bool = false) {
        self.needsTokens = needsTokens
        self.grants = Mutex(grants)
        open = Atomic(grants.isEmpty && !needsTokens)
    }

    /// Forgets all tokens and knows others from the next request on.
    package func replace(with grants: [AccessGrant]) {
        self.grants.withLock { current in
            current = grants
            open.store(grants.isEmpty && !needsTokens, ordering: .releasing)
            replacements.wrappingAdd(1, ordering: .releasing)
        }
    }

    /// Whether nobody needs a token.
    var isOpen: Bool { open.load(ordering: .acquiring) }

    /// How often the tokens were replaced. Until they are again, the same request is decided in the same way.
    var version: Int { replacements.load(ordering: .acquiring) }

    /// Looks whether a request may do what wants a scope.
    ///
    /// - Returns: the id of the token, so that the answer is this reader's alone; nil when none was needed.
    /// - Throws: the same for a missing, malformed and unknown token, so that nobody learns which it was.
    func check(_ scope: AccessScope, _ headers: HTTPHeaders) throws(Problem) -> String? {
        if isOpen { return nil }
        guard let token = Self.token(in: headers), let scopes = scopes(of: token) else { throw .unauthorized }
        guard scopes.contains(scope) || scopes.contains(.admin) else { throw .forbidden(scope) }
        return token.id
    }

    /// What a token allows; nil when there is none of its kind.
    private func scopes(of token: AccessToken) -> Set<AccessScope>? {
        let digest = token.digest
        let matching = grants.withLock(\.self).filter { token.matches($0, digest: digest) }
        return matching.isEmpty ? nil : matching.reduce(into: []) { $0.formUnion($1.scopes) }
    }

    /// The token of the only `Authorization` field (RFC 6750, section 2.1).
    private static func token(in headers: HTTPHeaders) -> AccessToken? {
        let fields = headers["authorization"]
        guard let field = fields.first, fields.count == 1 else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return AccessToken(parts[1].drop { $0 == " " })
    }
}

extension Problem {
    fileprivate static let unauthorized = Problem(
        status: .unauthorized,
        detail: "a valid token is needed; accepted: the field Authorization: Bearer actd_…, once",
        challenge: "Bearer",
    )

    fileprivate static func forbidden(_ scope: AccessScope) -> Problem {
        Problem(
            status: .forbidden,
            detail: "the token does not allow this; accepted: a token with the scope \(scope.rawValue)",
            challenge: "Bearer error=\"insufficient_scope\", scope=\"\(scope.rawValue)\"",
        )
    }
}
