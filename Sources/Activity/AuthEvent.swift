/// A sign-in that somebody tried, as whoever saw it reports it: Directus does not log those that fail.
public struct AuthEvent: Sendable, Hashable {
    /// Whether the sign-in was granted.
    public enum Outcome: String, Sendable, CaseIterable {
        case failure, success
    }

    /// The reporter's own name for the event: of two with the same, one is kept.
    public var clientID: String?
    /// When it was tried, by the reporter's clock.
    public var at: Timestamp
    /// What came of it.
    public var outcome: Outcome
    /// The id of the user, when it is known whose account it was.
    public var user: String?
    /// What the sign-in was tried with.
    public var email: String?
    /// Where from: opaque text, mostly an IPv4 or IPv6 address.
    public var ip: String
    /// What the client calls itself.
    public var userAgent: String?

    /// An event from its parts.
    public init(
        clientID: String? = nil,
        at: Timestamp,
        outcome: Outcome,
        user: String? = nil,
        email: String? = nil,
        ip: String,
        userAgent: String? = nil,
    ) {
        self.clientID = clientID
        self.at = at
        self.outcome = outcome
        self.user = user
        self.email = email
        self.ip = ip
        self.userAgent = userAgent
    }
}

/// What became of sign-ins that were reported.
public struct StoredAuthEvents: Sendable, Hashable {
    /// Those that are new.
    public var accepted: Int
    /// Those whose name was known already.
    public var duplicates: Int

    /// Counts.
    public init(accepted: Int, duplicates: Int) {
        self.accepted = accepted
        self.duplicates = duplicates
    }
}
