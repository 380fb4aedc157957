import Activity
import Testing

@testable import Detection

struct DetectionEngineTests {
    /// Without the detector of numbers of events, which has keys for actions.
    private static var settingsOfRules: DetectionSettings {
        var settings = Self.settings
        settings.volume.isEnabled = false
        return settings
    }

    private static let actions = ["login_failed", "login_failed", "login", "delete", "update", "create"]

    private static var settings: DetectionSettings {
        var settings = DetectionSettings()
        settings.bruteForce.slowWindow = 7200
        settings.excessiveRequests.limit = 20
        settings.massDelete.deletions = 4
        settings.newAddress.users = ["a", "b"]
        return settings
    }

    @Test(arguments: 1...30)
    func stateThatIsStoredAndReadBackChangesNothing(seed: Int) {
        var history = RandomHistory(seed: seed)
        let events = history.events(250, actions: Self.actions, collections: 12, meanPause: 900)
        var continuous = DetectionEngine(Self.settings)
        var restarted = continuous
        var stored: [String: StateChange] = [:]
        var newest = Timestamp(seconds: 0)
        for batch in history.batches(of: events, delay: 300) {
            newest = batch.map(\.at).reduce(newest, max)
            if Bool.random(using: &history.random) {
                restarted = DetectionEngine(Self.settings)
                restarted.restore(Array(stored.values))
            }
            #expect(continuous.absorb(batch, now: newest) == restarted.absorb(batch, now: newest))
            #expect(continuous.advance(to: newest) == restarted.advance(to: newest))
            for change in restarted.takeChanges() {
                stored["\(change.detector) \(change.key)"] = change.state == nil ? nil : change
            }
        }
        #expect(!stored.isEmpty)
        #expect(restarted.takeFailures().isEmpty)
    }

    @Test func onlyWhatHasChangedIsStored() {
        var history = RandomHistory(seed: 1)
        let events = history.events(50, actions: Self.actions, meanPause: 60)
        var engine = DetectionEngine(Self.settingsOfRules)
        _ = engine.absorb(events, now: events[49].at)
        #expect(!engine.takeChanges().isEmpty)
        #expect(engine.takeChanges().isEmpty)
        var failure = events[49]
        (failure.ip, failure.user, failure.action) = ("192.0.2.99", nil, ActivityEvent.failedLogin)
        _ = engine.absorb([failure], now: failure.at)
        #expect(
            Set(engine.takeChanges().map { "\($0.detector) \($0.key)" }) == [
                "brute-force ip/192.0.2.99", "brute-force network/192.0.2.0/24", "distributed-brute-force all",
                "requests ip/192.0.2.99", "takeover ip/192.0.2.99",
            ]
        )
    }

    /// What a rolled back transaction leaves.
    @Test func aCopyThatIsDroppedLeavesNoTrace() {
        var history = RandomHistory(seed: 2)
        let events = history.events(100, actions: Self.actions, meanPause: 60)
        var engine = DetectionEngine(Self.settings)
        _ = engine.absorb(Array(events[..<50]), now: events[49].at)
        var dropped = engine
        let first = dropped.absorb(Array(events[50...]), now: events[99].at)
        #expect(!first.isEmpty)
        #expect(engine.absorb(Array(events[50...]), now: events[99].at) == first)
    }

    @Test func aClockThatRunsAheadCountsAsNow() {
        let now = Timestamp(seconds: 1_700_000_000)
        let failures = (1...5).map { id in
            ActivityEvent(
                id: Int64(id),
                at: now.advanced(bySeconds: id * 86_400),
                ip: "192.0.2.1",
                collection: "directus_users",
                action: ActivityEvent.failedLogin,
            )
        }
        var engine = DetectionEngine(Self.settings)
        let findings = engine.absorb(failures, now: now)
        #expect(findings.filter(\.isAboveThreshold).map(\.alertType) == ["BRUTE_FORCE"])
        #expect(findings.allSatisfy { $0.at == now })
    }

    @Test func stateIsForgottenWhenNothingReachesIt() {
        var history = RandomHistory(seed: 3)
        let events = history.events(200, actions: Self.actions, meanPause: 60)
        var engine = DetectionEngine(Self.settingsOfRules)
        _ = engine.absorb(events, now: events[199].at)
        let keys = Set(engine.takeChanges().filter { $0.state != nil }.map { "\($0.detector) \($0.key)" })
        _ = engine.advance(to: events[199].at.advanced(bySeconds: 3 * 86_400))
        let gone = Set(engine.takeChanges().filter { $0.state == nil }.map { "\($0.detector) \($0.key)" })
        let kept = keys.subtracting(gone).filter { !$0.contains("baseline/") }
        #expect(kept.allSatisfy { $0.hasPrefix("known-addresses ") || $0.hasPrefix("new-address ") })
        #expect(gone.count > 20)
    }

    // MARK: - Failures

    /// Fails at its third event.
    private struct BrokenRule: EntityRule {
        let name = "broken"
        private var events = 0

        mutating func absorb(_ event: ActivityEvent, _ known: KnownAddresses?) throws {
            events += 1
            if events == 3 { throw Broken() }
        }

        func takeFindings() -> [Finding] { [] }
        func expire(at now: Timestamp) {}
        func takeChanges() -> [StateChange] { [StateChange(detector: name, key: "k", state: [])] }
        func restore(key: String, state: [UInt8]) {}
    }

    private struct Broken: Error, CustomStringConvertible {
        let description = "an invariant does not hold"
    }

    @Test func aRuleThatThrowsStopsNoOther() {
        var history = RandomHistory(seed: 4)
        let events = history.events(100, actions: ["login_failed"], meanPause: 10)
        let rule = BruteForceRule(Self.settings.bruteForce, clearAt: 0.8)
        var alone = DetectionEngine(Self.settings, rules: [rule])
        var together = DetectionEngine(Self.settings, rules: [BrokenRule(), rule])
        let findings = alone.absorb(events, now: events[99].at)
        #expect(!findings.isEmpty)
        #expect(together.absorb(events, now: events[99].at) == findings)
        #expect(
            together.takeFailures() == [DetectorFailure(detector: "broken", reason: "an invariant does not hold")]
        )
        #expect(together.takeFailures().isEmpty)
        #expect(together.takeChanges().allSatisfy { $0.detector != "broken" })
    }

    @Test(arguments: [
        "brute-force", "password-spray", "distributed-brute-force", "takeover", "mass-delete", "requests",
    ])
    func damagedStateDisablesItsDetectorOnly(detector: String) {
        var history = RandomHistory(seed: 5)
        let events = history.events(300, actions: ["login_failed", "login", "delete"], meanPause: 20)
        var sound = DetectionEngine(Self.settings)
        var damaged = sound
        damaged.restore([
            StateChange(detector: detector, key: "ip/192.0.2.1", state: [0xFF]),
            StateChange(detector: "of an older release", key: "k", state: [0xFF]),
        ])
        #expect(damaged.takeFailures().map(\.detector) == [detector])
        let rules: Set =
            detector == "requests" ? ["excessive-requests", "broad-access", "diverse-actions"] : [detector]
        let findings = sound.absorb(events, now: events[299].at)
        #expect(damaged.absorb(events, now: events[299].at) == findings.filter { !rules.contains($0.rule.name) })
        #expect(damaged.takeChanges().allSatisfy { $0.detector != detector })
    }

    @Test func whatFailedBeforeStaysOff() {
        var history = RandomHistory(seed: 6)
        let events = history.events(100, actions: ["login_failed"], meanPause: 10)
        var engine = DetectionEngine(Self.settings)
        engine.disable("brute-force", reason: "as before")
        #expect(engine.takeFailures() == [DetectorFailure(detector: "brute-force", reason: "as before")])
        let findings = engine.absorb(events, now: events[99].at)
        #expect(!findings.isEmpty && findings.allSatisfy { $0.rule.name != "brute-force" })
    }
}
