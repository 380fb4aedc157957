import Activity

/// A sign-in that succeeds after many that failed: somebody has guessed a password.
///
/// Three ways to come to the threshold, each within its window before the success:
/// 1. failures at the same address in quick succession, whoever failed;
/// 2. failures at the same address over a day, without those of users where they have signed in before;
/// 3. failures of the same user anywhere over a day, unless the success is at an address where the user has signed in
///    before: what others try elsewhere makes no sign-in at home suspicious.
struct TakeoverRule: EntityRule {
    let name = "takeover"
    private let settings: DetectionSettings.Takeover
    private var users: SignInTable
    private var addresses: SignInTable

    init(_ settings: DetectionSettings.Takeover) {
        self.settings = settings
        let capacity = max(128, 16 * settings.failures)
        users = SignInTable(table: KeyedTable(detector: "takeover", prefix: "user/"), capacity: capacity)
        addresses = SignInTable(table: KeyedTable(detector: "takeover", prefix: "ip/"), capacity: capacity)
    }

    mutating func absorb(_ event: ActivityEvent, _ known: KnownAddresses?) {
        let isFamiliar = known?.knows(event.user, at: event.ip, before: event.at) ?? false
        switch event.action {
        case ActivityEvent.failedLogin:
            let failure = Sighting(at: event.at, id: event.id, isExcused: isFamiliar)
            if let user = event.user { users.add(failure, to: user) }
            if let ip = event.ip { addresses.add(failure, to: ip) }
        case ActivityEvent.login:
            guard let user = event.user else { return }
            let success = SignIns.Success(
                at: event.at,
                id: event.id,
                user: user,
                ip: event.ip,
                isFamiliar: isFamiliar,
            )
            users.add(success, to: user)
            if let ip = event.ip { addresses.add(success, to: ip) }
        default: break
        }
    }

    mutating func takeFindings() -> [Finding] {
        let all =
            addresses.takeTouched().flatMap { signIns, span in
                findings(signIns, span) { success in [rapid(signIns, success), unfamiliar(signIns, success)] }
            }
            + users.takeTouched().flatMap { signIns, span in
                findings(signIns, span) { success in [elsewhere(signIns, success)] }
            }
        return strongest(of: all)
    }

    private func rapid(_ signIns: SignIns, _ success: SignIns.Success) -> Evidence {
        let failures = signIns.failures(before: success, within: settings.rapidWindow)
        return Evidence(failures: failures, of: "at this address", seconds: settings.rapidWindow)
    }

    private func unfamiliar(_ signIns: SignIns, _ success: SignIns.Success) -> Evidence {
        let failures = signIns.failures(before: success, within: settings.window).filter { !$0.isExcused }
        return Evidence(failures: failures, of: "at this address", seconds: settings.window)
    }

    private func elsewhere(_ signIns: SignIns, _ success: SignIns.Success) -> Evidence {
        let failures = success.isFamiliar ? [] : signIns.failures(before: success, within: settings.window)
        return Evidence(failures: failures, of: "of this user", seconds: settings.window)
    }

    /// The successes for which something new was absorbed, with the most failures that any of the ways counts.
    private func findings(
        _ signIns: SignIns,
        _ span: ClosedRange<Timestamp>,
        _ ways: (SignIns.Success) -> [Evidence],
    ) -> [Finding] {
        guard signIns.failures.all.count >= settings.failures else { return [] }
        let longest = max(settings.window, settings.rapidWindow)
        return signIns.successes
            .filter { $0.at >= span.lowerBound && $0.at.advanced(bySeconds: -longest) <= span.upperBound }
            .compactMap { success in
                let evidence = ways(success).max { $0.failures.count < $1.failures.count }
                guard let evidence, evidence.failures.count >= settings.failures else { return nil }
                return finding(success, evidence)
            }
    }

    private func finding(_ success: SignIns.Success, _ evidence: Evidence) -> Finding {
        let count = evidence.failures.count
        return Finding(
            rule: rule,
            alertType: "ACCOUNT_TAKEOVER",
            severity: .critical,
            subject: Finding.Subject(ip: success.ip, userId: success.user),
            at: success.at,
            window: (evidence.failures.first?.at ?? success.at)...success.at,
            observed: Double(count),
            threshold: Double(settings.failures),
            score: Double(count) / Double(settings.failures),
            reason: "a login after " + Wording.count(count, "failed one") + " \(evidence.of) in "
                + Wording.duration(evidence.seconds),
            count: count + 1,
            evidence: evidence.failures.suffix(Finding.evidenceLimit - 1).map(\.id) + [success.id],
        )
    }

    /// One finding for each subject, since address and user may both say it.
    private func strongest(of findings: [Finding]) -> [Finding] {
        Dictionary(grouping: findings, by: \.subject).values
            .compactMap { $0.max { ($0.observed, $0.at, $0.reason) < ($1.observed, $1.at, $1.reason) } }
    }

    mutating func expire(at now: Timestamp) {
        let horizon = now.advanced(bySeconds: -2 * max(settings.window, settings.rapidWindow))
        users.table.expire(before: horizon)
        addresses.table.expire(before: horizon)
    }

    mutating func takeChanges() -> [StateChange] { users.table.takeChanges() + addresses.table.takeChanges() }

    mutating func restore(key: String, state: [UInt8]) throws(DamagedStateError) {
        if key.hasPrefix(users.table.prefix) {
            try users.table.restore(key.dropFirst(users.table.prefix.count), state)
        } else if key.hasPrefix(addresses.table.prefix) {
            try addresses.table.restore(key.dropFirst(addresses.table.prefix.count), state)
        } else {
            throw DamagedStateError()
        }
    }
}

/// The failures that one way counts.
private struct Evidence {
    var failures: [Sighting]
    var of: String
    var seconds: Int
}

/// Sign-ins by key, and which keys have new ones.
private struct SignInTable: Sendable {
    var table: KeyedTable<SignIns>
    let capacity: Int
    private var touched: [String: ClosedRange<Timestamp>] = [:]

    init(table: KeyedTable<SignIns>, capacity: Int) {
        self.table = table
        self.capacity = capacity
    }

    mutating func add(_ failure: Sighting, to key: String) {
        table.update(key) { $0.insert(failure, capacity: capacity) }
        touch(key, failure.at)
    }

    mutating func add(_ success: SignIns.Success, to key: String) {
        table.update(key) { $0.insert(success) }
        touch(key, success.at)
    }

    private mutating func touch(_ key: String, _ at: Timestamp) {
        let before = touched[key] ?? at...at
        touched[key] = min(before.lowerBound, at)...max(before.upperBound, at)
    }

    mutating func takeTouched() -> [(signIns: SignIns, span: ClosedRange<Timestamp>)] {
        defer { touched.removeAll(keepingCapacity: true) }
        return touched.compactMap { key, span in table[key].map { ($0, span) } }
    }
}
