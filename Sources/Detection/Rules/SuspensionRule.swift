import Activity

/// A suspension by Directus after too many failed sign-ins.
///
/// Directus writes it as an `update` of the user in the user's own name, with the attacker's address. People who edit
/// their own profile write the same row, but from an address at which they have signed in.
struct SuspensionRule: EntityRule {
    let name = "suspension"
    private var findings: [Finding] = []

    mutating func absorb(_ event: ActivityEvent, _ known: KnownAddresses?) {
        guard event.action == "update", event.collection == "directus_users", let user = event.user,
            event.item == user, let ip = event.ip, let known, !known.knows(user, at: ip, before: event.at)
        else { return }
        findings.append(
            Finding(
                rule: rule,
                alertType: "USER_SUSPENDED",
                severity: .medium,
                subject: Finding.Subject(ip: ip, userId: user),
                at: event.at,
                window: event.at...event.at,
                observed: 1,
                threshold: 1,
                score: 1,
                reason: "the user was updated in its own name from an address where it has never signed in",
                count: 1,
                evidence: [event.id],
            )
        )
    }

    mutating func takeFindings() -> [Finding] {
        defer { findings = [] }
        return findings
    }

    mutating func expire(at now: Timestamp) {}
    mutating func takeChanges() -> [StateChange] { [] }
    mutating func restore(key: String, state: [UInt8]) throws(DamagedStateError) { throw DamagedStateError() }
}
