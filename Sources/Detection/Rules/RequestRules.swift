import Activity

/// Three rules that share their state, since all look at a sliding hour of an address: `excessive-requests` (of users,
/// too), `broad-access` and `diverse-actions`. Of one address the first that holds speaks, in this order.
///
/// Volume alone is enough. How much is too much says the entity's own history, and the settings as long as there is none.
struct RequestRules: EntityRule {
    static let detector = "requests"

    let name: String = RequestRules.detector
    private let excessive: DetectionSettings.ExcessiveRequests
    private let broad: DetectionSettings.BroadAccess
    private let diverse: DetectionSettings.DiverseActions
    private let clearAt: Double
    private var addresses = Entities("ip", isNamed: true)
    private var users = Entities("user", isNamed: false)

    init(_ settings: DetectionSettings) {
        excessive = settings.excessiveRequests
        broad = settings.broadAccess
        diverse = settings.diverseActions
        clearAt = settings.clearAt
    }

    mutating func absorb(_ event: ActivityEvent, _ known: KnownAddresses?) {
        if let ip = event.ip { addresses.add(event, to: ip, excessive) }
        if excessive.isEnabled, let user = event.user { users.add(event, to: user, excessive) }
    }

    /// Learns what was usual; hours of one entity come in ascending order.
    mutating func learn(_ hour: EntityHour) {
        switch hour.entity {
        case .ip(let ip): addresses.teach(ip, Int(hour.hour.number), hour.events, excessive)
        case .user(let user): users.teach(user, Int(hour.hour.number), hour.events, excessive)
        }
    }

    mutating func takeFindings() -> [Finding] {
        addresses.takeTouched(fewestEvents: fewestEvents).flatMap { entity in
            findings(entity, Finding.Subject(ip: entity.key))
        }
            + users.takeTouched(fewestEvents: fewestEvents).compactMap { entity in
                excessive(entity, Finding.Subject(userId: entity.key))
            }
    }

    /// Fewer make no finding, whatever the rule.
    private var fewestEvents: Int {
        let fewest = min(excessive.limit, excessive.floor, broad.events, diverse.events)
        return Int((Double(fewest) * clearAt).rounded(.down))
    }

    /// The first rule that holds, or else all that are near.
    private func findings(_ entity: Entities.Touched, _ subject: Finding.Subject) -> [Finding] {
        let findings = [
            excessive.isEnabled ? excessive(entity, subject) : nil,
            broad.isEnabled ? broad(entity, subject) : nil,
            diverse.isEnabled ? diverse(entity, subject) : nil,
        ].compactMap(\.self)
        return findings.first(where: \.isAboveThreshold).map { [$0] } ?? findings
    }

    // MARK: - The three rules

    private func excessive(_ entity: Entities.Touched, _ subject: Finding.Subject) -> Finding? {
        let hours = entity.tallies.map { ($0, entity.limit(of: $0, excessive)) }
        let worst = hours.max { Double($0.0.events) / $0.1.events < Double($1.0.events) / $1.1.events }
        guard let (tally, limit) = worst, Double(tally.events) > clearAt * limit.events else { return nil }
        let usual = limit.expected.map { ", usually \(Int($0.rounded()))" } ?? ""
        var finding = finding("excessive-requests", "EXCESSIVE_REQUESTS", subject, entity, tally)
        finding.severity = severity(tally.risk, excess: Double(tally.events) / limit.events)
        (finding.observed, finding.expected, finding.threshold) = (Double(tally.events), limit.expected, limit.events)
        finding.score = Double(tally.events) / limit.events
        finding.reason = "\(tally.events) events in an hour\(usual), at most \(Int(limit.events)) allowed"
        finding.isAboveThreshold = Double(tally.events) > limit.events
        return finding
    }

    private func broad(_ entity: Entities.Touched, _ subject: Finding.Subject) -> Finding? {
        let tally = entity.tallies.filter { $0.isNear(events: broad.events, clearAt: clearAt) }
            .max { ($0.collections, $0.events) < ($1.collections, $1.events) }
        guard let tally, Double(tally.collections) > clearAt * Double(broad.collections) else { return nil }
        var finding = finding("broad-access", "BROAD_ACCESS", subject, entity, tally)
        finding.setObserved(tally.collections, limit: broad.collections)
        finding.reason = "\(tally.collections) collections with \(tally.events) events in an hour"
        finding.isAboveThreshold = tally.collections > broad.collections && tally.isSuspicious(events: broad.events)
        return finding
    }

    private func diverse(_ entity: Entities.Touched, _ subject: Finding.Subject) -> Finding? {
        let tally = entity.tallies.filter { $0.isNear(events: diverse.events, clearAt: clearAt) }
            .max { ($0.actions, $0.events) < ($1.actions, $1.events) }
        guard let tally, Double(tally.actions) > clearAt * Double(diverse.actions) else { return nil }
        var finding = finding("diverse-actions", "DIVERSE_ACTIONS", subject, entity, tally)
        finding.setObserved(tally.actions, limit: diverse.actions)
        finding.reason = "\(tally.actions) kinds of actions with \(tally.events) events in an hour"
        finding.isAboveThreshold = tally.actions > diverse.actions && tally.isSuspicious(events: diverse.events)
        return finding
    }

    /// The severity of the predecessor's risk, and one step more, up to high, at five times the limit.
    private func severity(_ risk: Risk, excess: Double) -> Severity {
        switch risk.level {
        case .high: .high
        case .medium: excess >= 5 ? .high : .medium
        case .low: excess >= 5 ? .medium : .low
        }
    }

    private func finding(
        _ rule: String,
        _ alertType: String,
        _ subject: Finding.Subject,
        _ entity: Entities.Touched,
        _ tally: RequestWindow.Tally,
    ) -> Finding {
        let start = Timestamp(seconds: Int64(tally.end - RequestWindow.length + 1) * 60)
        let end = Timestamp(microseconds: Int64(tally.end + 1) * 60_000_000 - 1)
        return Finding(
            rule: Finding.Rule(name: rule, version: 1),
            alertType: alertType,
            severity: severity(tally.risk, excess: 1),
            subject: subject,
            at: min(end, entity.window.lastUsed),
            window: start...min(end, entity.window.lastUsed),
            observed: 0,
            threshold: 0,
            score: 0,
            reason: "",
            count: tally.events,
            evidence: entity.window.evidence,
            risk: subject.ip == nil
                ? nil : Finding.Risk(level: tally.risk.level.rawValue, activityScore: tally.risk.score),
        )
    }

    // MARK: - State

    mutating func expire(at now: Timestamp) {
        addresses.expire(at: now, excessive)
        users.expire(at: now, excessive)
    }

    mutating func takeChanges() -> [StateChange] { addresses.takeChanges() + users.takeChanges() }

    mutating func restore(key: String, state: [UInt8]) throws(DamagedStateError) {
        if try addresses.restore(key, state) { return }
        guard try users.restore(key, state) else { throw DamagedStateError() }
    }
}

extension RequestWindow.Tally {
    fileprivate func isSuspicious(events least: Int) -> Bool { events >= least && risk.level != .low }
    fileprivate func isNear(events least: Int, clearAt: Double) -> Bool { Double(events) >= clearAt * Double(least) }
}

extension Finding {
    fileprivate mutating func setObserved(_ number: Int, limit: Int) {
        observed = Double(number)
        threshold = Double(limit)
        score = Double(number) / Double(limit)
    }
}
