public import Activity

/// Whom and what never to tell anybody about. Their alerts are recorded all the same.
public struct AllowList: Sendable, Hashable {
    /// Addresses that may do anything, and findings about networks that lie within.
    public var addresses: [Network] = []
    /// Users that may do anything, as their events have them.
    public var users: Set<String> = []
    /// Rules that are not wanted, by name.
    public var rules: Set<String> = []

    /// Nobody.
    public init() {}

    /// Why a finding is not told, or nil when it is.
    public func reason(for finding: Finding) -> String? {
        if rules.contains(finding.rule.name) { return "allowed: rule \(finding.rule.name)" }
        if let user = finding.subject.userId, users.contains(user) { return "allowed: user \(user)" }
        guard let place = finding.subject.place, let network = addresses.first(where: { $0.contains(place) }) else {
            return nil
        }
        return "allowed: address \(network)"
    }
}

extension Finding.Subject {
    /// The address or the network that it is about, when its text is one.
    var place: Network? { (network ?? ip).flatMap(Network.init) }
}
