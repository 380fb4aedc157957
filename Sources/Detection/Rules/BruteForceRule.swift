import Activity

/// Failed sign-ins of one address, or of one network when two of its addresses fail.
///
/// Three windows, the first that holds decides: a burst (high), the usual one (high, medium for a network), a slow one
/// (low). The slow one counts no honest mistakes: failures of users where they have signed in before, or do later. An
/// office behind one address would otherwise collect five in a day.
struct BruteForceRule: EntityRule {
    let name = "brute-force"
    private let settings: DetectionSettings.BruteForce
    private let clearAt: Double
    private var addresses: SightingTable
    private var networks: SightingTable

    init(_ settings: DetectionSettings.BruteForce, clearAt: Double) {
        self.settings = settings
        self.clearAt = clearAt
        let most = max(settings.failures, settings.burstFailures, settings.slowFailures)
        addresses = SightingTable("brute-force", prefix: "ip/", threshold: most)
        networks = SightingTable("brute-force", prefix: "network/", threshold: most)
    }

    mutating func absorb(_ event: ActivityEvent, _ known: KnownAddresses?) {
        guard let ip = event.ip else { return }
        switch event.action {
        case ActivityEvent.failedLogin: addFailure(event, ip, known)
        case ActivityEvent.login: addresses.excuse(FNV1a.tag(event.user ?? ""), of: ip)
        default: break
        }
    }

    private mutating func addFailure(_ event: ActivityEvent, _ ip: String, _ known: KnownAddresses?) {
        var failure = Sighting(at: event.at, id: event.id, tag: FNV1a.tag(event.user ?? ""))
        failure.isExcused = known?.knows(event.user, at: ip, before: event.at) ?? false
        addresses.add(failure, to: ip)
        guard let network = IPAddress(ip).map(Network.surrounding) else { return }
        failure.tag = FNV1a.tag(ip)
        networks.add(failure, to: network.description)
    }

    mutating func takeFindings() -> [Finding] {
        addresses.takeTouched().compactMap { key, failures, span in
            finding(Finding.Subject(ip: key), failures, span, fewestAddresses: 1)
        }
            + networks.takeTouched().compactMap { key, failures, span in
                finding(Finding.Subject(network: key), failures, span, fewestAddresses: 2)
            }
    }

    private func finding(
        _ subject: Finding.Subject,
        _ failures: Sightings,
        _ span: ClosedRange<Timestamp>,
        fewestAddresses: Int,
    ) -> Finding? {
        let isNetwork = subject.network != nil
        var nearest: Finding?
        for pace in Pace.allCases {
            let (number, seconds) = pace.limits(settings)
            let window = failures.best(touching: span, within: seconds.microseconds) { tally in
                guard !isNetwork || tally.distinctTags >= fewestAddresses else { return nil }
                return pace == .slow ? tally.unexcused : tally.count
            }
            let threshold = Threshold(number, clearAt: clearAt)
            guard let window, threshold.isNear(window.value) else { continue }
            var finding = finding(subject, window, threshold, pace)
            finding.isAboveThreshold = threshold.isReached(by: window.value)
            if finding.isAboveThreshold { return finding }
            nearest = nearest ?? finding
        }
        return nearest
    }

    private func finding(
        _ subject: Finding.Subject,
        _ window: SightingWindow,
        _ threshold: Threshold,
        _ pace: Pace,
    ) -> Finding {
        let seconds = pace.limits(settings).seconds
        let atLeast = window.sightings.count >= addresses.mostCounted ? "at least " : ""
        return Finding(
            rule: rule,
            alertType: "BRUTE_FORCE",
            severity: pace.severity(ofNetwork: subject.network != nil),
            subject: subject,
            at: window.bounds.upperBound,
            window: window.bounds,
            observed: Double(window.value),
            threshold: Double(threshold.limit),
            score: Double(window.value) / Double(threshold.limit),
            reason: atLeast + Wording.count(window.value, "failed login") + " in " + Wording.duration(seconds)
                + (subject.network == nil ? "" : " from several addresses of the network"),
            count: window.value,
            evidence: window.evidence,
        )
    }

    mutating func expire(at now: Timestamp) {
        let longest = max(settings.window, settings.burstWindow, settings.slowWindow)
        let horizon = now.advanced(bySeconds: -2 * longest)
        addresses.expire(before: horizon)
        networks.expire(before: horizon)
    }

    mutating func takeChanges() -> [StateChange] { addresses.takeChanges() + networks.takeChanges() }

    mutating func restore(key: String, state: [UInt8]) throws(DamagedStateError) {
        if key.hasPrefix(addresses.prefix) {
            try addresses.restore(key.dropFirst(addresses.prefix.count), state)
        } else if key.hasPrefix(networks.prefix) {
            try networks.restore(key.dropFirst(networks.prefix.count), state)
        } else {
            throw DamagedStateError()
        }
    }
}

extension BruteForceRule {
    /// How fast failures come; the order is that in which they are looked at.
    private enum Pace: CaseIterable {
        case burst, usual, slow

        func limits(_ settings: DetectionSettings.BruteForce) -> (number: Int, seconds: Int) {
            switch self {
            case .burst: (settings.burstFailures, settings.burstWindow)
            case .usual: (settings.failures, settings.window)
            case .slow: (settings.slowFailures, settings.slowWindow)
            }
        }

        func severity(ofNetwork isNetwork: Bool) -> Severity {
            switch self {
            case .burst: .high
            case .usual: isNetwork ? .medium : .high
            case .slow: .low
            }
        }
    }
}

extension Network {
    /// The network that usually belongs to one subscriber: /24 for IPv4, /64 for IPv6.
    static func surrounding(_ address: IPAddress) -> Network {
        Network(of: address, prefix: address.family == .v4 ? 24 : 64)
    }
}
