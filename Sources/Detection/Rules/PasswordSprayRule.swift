import Activity

/// Failed sign-ins of many users at one address: one password tried on everybody.
struct PasswordSprayRule: EntityRule {
    let name = "password-spray"
    private let settings: DetectionSettings.PasswordSpray
    private let threshold: Threshold
    private var addresses: SightingTable

    init(_ settings: DetectionSettings.PasswordSpray, clearAt: Double) {
        self.settings = settings
        threshold = Threshold(settings.users, clearAt: clearAt)
        addresses = SightingTable("password-spray", threshold: settings.users, .oldestRepeated)
    }

    mutating func absorb(_ event: ActivityEvent, _ known: KnownAddresses?) {
        guard event.action == ActivityEvent.failedLogin, let ip = event.ip, let user = event.user else { return }
        addresses.add(Sighting(at: event.at, id: event.id, tag: FNV1a.tag(user)), to: ip)
    }

    mutating func takeFindings() -> [Finding] {
        addresses.takeTouched().compactMap { ip, failures, span in
            let window = failures.best(touching: span, within: settings.window.microseconds) { $0.distinctTags }
            guard let window, threshold.isNear(window.value) else { return nil }
            return Finding(
                rule: rule,
                alertType: "PASSWORD_SPRAY",
                severity: .high,
                subject: Finding.Subject(ip: ip),
                at: window.bounds.upperBound,
                window: window.bounds,
                observed: Double(window.value),
                threshold: Double(threshold.limit),
                score: Double(window.value) / Double(threshold.limit),
                reason: "failed logins of \(window.value) users in " + Wording.duration(settings.window),
                count: window.sightings.count,
                evidence: window.evidence,
                isAboveThreshold: threshold.isReached(by: window.value),
            )
        }
    }

    mutating func expire(at now: Timestamp) {
        addresses.expire(before: now.advanced(bySeconds: -2 * settings.window))
    }

    mutating func takeChanges() -> [StateChange] { addresses.takeChanges() }

    mutating func restore(key: String, state: [UInt8]) throws(DamagedStateError) {
        try addresses.restore(key, state)
    }
}
