import Activity

/// Many deletions in one collection by one user.
struct MassDeleteRule: EntityRule {
    let name = "mass-delete"
    private let settings: DetectionSettings.MassDelete
    private let threshold: Threshold
    private var deletions: SightingTable

    /// Between user and collection in a key; no user has it.
    private static let separator: Character = "\u{1F}"

    init(_ settings: DetectionSettings.MassDelete, clearAt: Double) {
        self.settings = settings
        threshold = Threshold(settings.deletions, clearAt: clearAt)
        deletions = SightingTable("mass-delete", threshold: settings.deletions)
    }

    mutating func absorb(_ event: ActivityEvent, _ known: KnownAddresses?) {
        guard event.action == "delete", let user = event.user else { return }
        deletions.add(Sighting(at: event.at, id: event.id), to: "\(user)\(Self.separator)\(event.collection)")
    }

    mutating func takeFindings() throws -> [Finding] {
        try deletions.takeTouched().compactMap { key, sightings, span in
            let window = sightings.best(touching: span, within: settings.window.microseconds) { $0.count }
            guard let window, threshold.isNear(window.value) else { return nil }
            guard let separator = key.firstIndex(of: Self.separator) else { throw DamagedStateError() }
            let collection = String(key[key.index(after: separator)...])
            return finding(Finding.Subject(userId: String(key[..<separator]), collection: collection), window)
        }
    }

    private func finding(_ subject: Finding.Subject, _ window: SightingWindow) -> Finding {
        let atLeast = window.value >= deletions.mostCounted ? "at least " : ""
        return Finding(
            rule: rule,
            alertType: "MASS_DELETE",
            severity: .high,
            subject: subject,
            at: window.bounds.upperBound,
            window: window.bounds,
            observed: Double(window.value),
            threshold: Double(threshold.limit),
            score: Double(window.value) / Double(threshold.limit),
            reason: atLeast + "\(window.value) deletions in \(subject.collection ?? "") in "
                + Wording.duration(settings.window),
            count: window.value,
            evidence: window.evidence,
            isAboveThreshold: threshold.isReached(by: window.value),
        )
    }

    mutating func expire(at now: Timestamp) {
        deletions.expire(before: now.advanced(bySeconds: -2 * settings.window))
    }

    mutating func takeChanges() -> [StateChange] { deletions.takeChanges() }

    mutating func restore(key: String, state: [UInt8]) throws(DamagedStateError) {
        try deletions.restore(key, state)
    }
}
