import Activity

/// Failed sign-ins from many addresses at a time: each of them stays below every other rule.
struct DistributedBruteForceRule: EntityRule {
    let name = "distributed-brute-force"
    private let settings: DetectionSettings.DistributedBruteForce
    private let clearAt: Double
    private var failures: SightingTable

    /// There is one key, everybody.
    private static let everybody = "all"

    init(_ settings: DetectionSettings.DistributedBruteForce, clearAt: Double) {
        self.settings = settings
        self.clearAt = clearAt
        let most = max(settings.failures, settings.addresses)
        failures = SightingTable("distributed-brute-force", threshold: most, .oldestRepeated)
    }

    mutating func absorb(_ event: ActivityEvent, _ known: KnownAddresses?) {
        guard event.action == ActivityEvent.failedLogin, let ip = event.ip else { return }
        failures.add(Sighting(at: event.at, id: event.id, tag: FNV1a.tag(ip)), to: Self.everybody)
    }

    mutating func takeFindings() -> [Finding] {
        let number = Threshold(settings.failures, clearAt: clearAt)
        let addresses = Threshold(settings.addresses, clearAt: clearAt)
        return failures.takeTouched().compactMap { _, failures, span in
            func finding(_ fewest: Int, _ fewestAddresses: Int) -> Finding? {
                failures.best(touching: span, within: settings.window.microseconds) { tally in
                    tally.count >= fewest && tally.distinctTags >= fewestAddresses ? tally.count : nil
                }
                .map(self.finding)
            }
            if let above = finding(number.limit, addresses.limit) { return above }
            guard var near = finding(number.clear, addresses.clear) else { return nil }
            near.isAboveThreshold = false
            return near
        }
    }

    private func finding(_ window: SightingWindow) -> Finding {
        let addresses = Set(window.sightings.map(\.tag)).count
        let atLeast = window.value >= failures.mostCounted ? "at least " : ""
        return Finding(
            rule: rule,
            alertType: "DISTRIBUTED_BRUTE_FORCE",
            severity: .high,
            subject: Finding.Subject(),
            at: window.bounds.upperBound,
            window: window.bounds,
            observed: Double(window.value),
            threshold: Double(settings.failures),
            score: Double(window.value) / Double(settings.failures),
            reason: atLeast + "\(window.value) failed logins from \(addresses) addresses in "
                + Wording.duration(settings.window),
            count: window.value,
            evidence: window.evidence,
        )
    }

    mutating func expire(at now: Timestamp) {
        failures.expire(before: now.advanced(bySeconds: -2 * settings.window))
    }

    mutating func takeChanges() -> [StateChange] { failures.takeChanges() }

    mutating func restore(key: String, state: [UInt8]) throws(DamagedStateError) {
        try failures.restore(key, state)
    }
}
