public import Activity

/// All detectors together: events in, findings out.
///
/// A value. The feed's transaction works on a copy, stores what has changed with what was found, and keeps the copy when
/// it has committed. Copies share their state until it changes, key by key.
///
/// A detector that throws is off from then on, whatever it was about to say of that minute is lost, and its stored state
/// stays as it was. Nothing else is affected.
public struct DetectionEngine: Sendable {
    /// State is looked through for what can be forgotten so often, in microseconds.
    private static let sweepInterval = 600.microseconds

    private var rules: [Guarded<any EntityRule>]
    private var known: Guarded<KnownAddresses>
    private var volume: Guarded<VolumeDetector>
    private var failures: [DetectorFailure] = []
    private var now = Timestamp(seconds: 0)
    private var sweptAt = Timestamp(seconds: 0)

    /// An engine that knows nothing yet.
    public init(_ settings: DetectionSettings) {
        self.init(settings, rules: Self.rules(settings))
    }

    /// With other rules, for tests.
    init(_ settings: DetectionSettings, rules: [any EntityRule]) {
        self.rules = rules.map { Guarded($0.name, $0) }
        known = Guarded(KnownAddresses.name, KnownAddresses(settings.knownAddresses))
        volume = Guarded(VolumeDetector.name, VolumeDetector(settings.volume), isOff: !settings.volume.isEnabled)
    }

    /// The rules that are switched on.
    private static func rules(_ settings: DetectionSettings) -> [any EntityRule] {
        var rules: [any EntityRule] = []
        if settings.bruteForce.isEnabled {
            rules.append(BruteForceRule(settings.bruteForce, clearAt: settings.clearAt))
        }
        if settings.passwordSpray.isEnabled {
            rules.append(PasswordSprayRule(settings.passwordSpray, clearAt: settings.clearAt))
        }
        if settings.distributedBruteForce.isEnabled {
            rules.append(DistributedBruteForceRule(settings.distributedBruteForce, clearAt: settings.clearAt))
        }
        if settings.takeover.isEnabled { rules.append(TakeoverRule(settings.takeover)) }
        if settings.suspension.isEnabled { rules.append(SuspensionRule()) }
        if settings.massDelete.isEnabled {
            rules.append(MassDeleteRule(settings.massDelete, clearAt: settings.clearAt))
        }
        if !settings.newAddress.users.isEmpty {
            rules.append(NewAddressRule(settings.newAddress, settings.knownAddresses))
        }
        if settings.excessiveRequests.isEnabled || settings.broadAccess.isEnabled || settings.diverseActions.isEnabled {
            rules.append(RequestRules(settings))
        }
        return rules
    }

    // MARK: - Events

    /// Takes events in, in any order of time.
    ///
    /// - Parameters:
    ///   - events: those that the feed has read, each once.
    ///   - now: an event of a clock that runs ahead counts as of this moment. Never goes backwards.
    /// - Returns: what there is to say, by time. Of each minute at most one finding for a rule and a subject.
    public mutating func absorb(_ events: [ActivityEvent], now: Timestamp) -> [Finding] {
        self.now = max(self.now, now)
        let ordered = events.map(bounded).sorted { ($0.at, $0.id) < ($1.at, $1.id) }
        var findings: [Finding] = []
        for minute in ordered.byMinute {
            for event in minute { absorb(event) }
            for index in rules.indices {
                findings += rules[index].attempt(&failures) { try $0.takeFindings() } ?? []
            }
        }
        return Self.ordered(findings)
    }

    private func bounded(_ event: ActivityEvent) -> ActivityEvent {
        var event = event
        event.at = min(max(event.at, Timestamp(seconds: 0)), now)
        if event.user?.isEmpty == true { event.user = nil }
        if event.ip?.isEmpty == true { event.ip = nil }
        return event
    }

    private mutating func absorb(_ event: ActivityEvent) {
        let known = self.known.ifOn
        for index in rules.indices { rules[index].attempt(&failures) { try $0.absorb(event, known) } }
        self.known.attempt(&failures) { $0.absorb(event) }
        volume.attempt(&failures) { try $0.absorb(event) }
    }

    /// Lets time pass: buckets close, and state that no window reaches any more is dropped.
    ///
    /// - Parameter now: up to when events are known. While the feed is behind, that is the time of its newest event and
    ///   not the clock's, or what it has yet to read would find its windows gone.
    /// - Returns: what there is to say, by time.
    public mutating func advance(to now: Timestamp) -> [Finding] {
        self.now = max(self.now, now)
        let now = self.now
        let findings = volume.attempt(&failures) { try $0.advance(to: now) } ?? []
        sweep()
        return Self.ordered(findings)
    }

    private mutating func sweep() {
        guard now.microseconds >= sweptAt.microseconds + Self.sweepInterval else { return }
        sweptAt = now
        let now = self.now
        for index in rules.indices { rules[index].attempt(&failures) { $0.expire(at: now) } }
        known.attempt(&failures) { $0.expire(at: now) }
    }

    /// When ``advance(to:)`` would next have something to do.
    public var nextDeadline: Timestamp? {
        let sweep = Timestamp(microseconds: sweptAt.microseconds + Self.sweepInterval)
        return volume.ifOn?.nextClose.map { min($0, sweep) } ?? sweep
    }

    /// By time, and always the same.
    private static func ordered(_ findings: [Finding]) -> [Finding] {
        findings.map { (finding: $0, tie: "\($0.rule.name) \(Fingerprint($0))") }
            .sorted { ($0.finding.at, $0.tie) < ($1.finding.at, $1.tie) }
            .map(\.finding)
    }

    // MARK: - State

    /// What has changed since the last call; nothing of a detector that is off.
    public mutating func takeChanges() -> [StateChange] {
        var changes: [StateChange] = []
        for index in rules.indices { changes += rules[index].attempt(&failures) { $0.takeChanges() } ?? [] }
        changes += known.attempt(&failures) { $0.takeChanges() } ?? []
        changes += volume.attempt(&failures) { $0.takeChanges() } ?? []
        return changes
    }

    /// Takes back what was stored, at the start. Damaged state disables its detector; that of unknown ones is left alone.
    public mutating func restore(_ changes: [StateChange]) {
        for change in changes {
            guard let state = change.state else { continue }
            switch change.detector {
            case KnownAddresses.name: known.attempt(&failures) { try $0.restore(key: change.key, state: state) }
            case VolumeDetector.name: volume.attempt(&failures) { try $0.restore(key: change.key, state: state) }
            default:
                guard let index = rules.firstIndex(where: { $0.name == change.detector }) else { continue }
                rules[index].attempt(&failures) { try $0.restore(key: change.key, state: state) }
            }
        }
    }

    /// Learns what was usual before: numbers of events, up to a moment.
    public mutating func learn(volume history: [VolumeBucket], until end: Timestamp) {
        volume.attempt(&failures) { $0.learn(history, until: end) }
    }

    /// Learns what was usual before: where users have signed in.
    public mutating func learn(logins: [KnownAddress]) {
        known.attempt(&failures) { known in
            for login in logins { known.learn(login) }
        }
    }

    /// Learns what was usual before: the hours of addresses and users, in any order.
    public mutating func learn(requests hours: [EntityHour]) {
        guard let index = rules.firstIndex(where: { $0.name == RequestRules.detector }) else { return }
        rules[index].attempt(&failures) { rule in
            guard var requests = rule as? RequestRules else { return }
            for hour in hours.sorted(by: { $0.hour < $1.hour }) { requests.learn(hour) }
            rule = requests
        }
    }

    // MARK: - Failures

    /// Switches a detector off, as one that has failed in an earlier run.
    public mutating func disable(_ detector: String, reason: String) {
        known.disable(detector, &failures, reason: reason)
        volume.disable(detector, &failures, reason: reason)
        for index in rules.indices { rules[index].disable(detector, &failures, reason: reason) }
    }

    /// The detectors that were switched off since the last call.
    public mutating func takeFailures() -> [DetectorFailure] {
        defer { failures = [] }
        return failures
    }
}

extension Guarded {
    fileprivate mutating func disable(_ name: String, _ failures: inout [DetectorFailure], reason: String) {
        if name == self.name { disable(&failures, reason: reason) }
    }
}
