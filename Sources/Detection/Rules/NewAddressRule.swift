import Activity

/// A privileged user at an address where it was never seen, while it is known from others.
///
/// All events count, since a stolen session needs no sign-in. Each address is told once.
struct NewAddressRule: EntityRule {
    let name = "new-address"
    private let users: Set<String>
    private let days: Int
    private var seen = KeyedTable<AddressBook>(detector: "new-address")
    private var findings: [Finding] = []

    init(_ settings: DetectionSettings.NewAddress, _ known: DetectionSettings.KnownAddresses) {
        users = settings.users
        days = known.days
    }

    mutating func absorb(_ event: ActivityEvent, _ known: KnownAddresses?) {
        guard event.action != ActivityEvent.failedLogin, let user = event.user, users.contains(user),
            let ip = event.ip, let known
        else { return }
        let book = seen[user]
        let isAcquainted = book?[ip] != nil || known.knows(user, at: ip, before: event.at)
        if !isAcquainted, book != nil || known.knows(user) { findings.append(finding(event, user, ip)) }
        guard book?.isNews(ip, first: event.at, last: event.at) ?? true else { return }
        let horizon = event.at.advanced(bySeconds: -days * 86_400)
        seen.update(user) { $0.insert(ip, first: event.at, last: event.at, forgottenBefore: horizon) }
    }

    private func finding(_ event: ActivityEvent, _ user: String, _ ip: String) -> Finding {
        Finding(
            rule: rule,
            alertType: "NEW_ADDRESS",
            severity: .low,
            subject: Finding.Subject(ip: ip, userId: user),
            at: event.at,
            window: event.at...event.at,
            observed: 1,
            threshold: 1,
            score: 1,
            reason: "a privileged user at an address where it was not seen before",
            count: 1,
            evidence: [event.id],
        )
    }

    mutating func takeFindings() -> [Finding] {
        defer { findings = [] }
        return findings
    }

    mutating func expire(at now: Timestamp) { seen.expire(before: now.advanced(bySeconds: -days * 86_400)) }
    mutating func takeChanges() -> [StateChange] { seen.takeChanges() }
    mutating func restore(key: String, state: [UInt8]) throws(DamagedStateError) { try seen.restore(key, state) }
}
