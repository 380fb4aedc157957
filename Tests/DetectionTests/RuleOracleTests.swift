import Activity
import Testing

@testable import Detection

/// Each rule against its definition, over random histories that arrive out of order.
struct RuleOracleTests {
    private static let seeds = Array(1...16)

    /// Windows short enough that some histories break each rule and others do not.
    private static var settings: DetectionSettings {
        var settings = DetectionSettings()
        settings.bruteForce.slowWindow = 7200
        settings.bruteForce.slowFailures = 9
        settings.bruteForce.failures = 6
        settings.bruteForce.burstFailures = 3
        settings.bruteForce.burstWindow = 3
        settings.passwordSpray.users = 4
        settings.distributedBruteForce.addresses = 7
        settings.takeover.window = 3600
        settings.takeover.failures = 4
        settings.massDelete.deletions = 4
        settings.excessiveRequests.limit = 30
        return settings
    }

    private static let signIns = ["login_failed", "login_failed", "login_failed", "read"]

    private func accusations(
        _ settings: DetectionSettings,
        _ batches: [[ActivityEvent]],
        known: [KnownAddress] = [],
    ) -> Set<Accusation> {
        var engine = DetectionEngine(settings)
        engine.learn(logins: known)
        defer { #expect(engine.takeFailures().isEmpty) }
        return engine.accusations(in: batches)
    }

    @Test(arguments: seeds)
    func failedLoginsAreCountedWhateverTheirOrder(seed: Int) {
        var history = RandomHistory(seed: seed)
        let known = history.acquaintances()
        let events = history.events(120, actions: Self.signIns, meanPause: 20 + seed * seed * 6)
        let batches = history.batches(of: events, delay: 600)
        let naive = NaiveRules(settings: Self.settings, events: events, known: known)
        let found = accusations(Self.settings, batches, known: known)
        #expect(found.filter { $0.rule == "brute-force" } == naive.bruteForce)
        #expect(found.filter { $0.rule == "password-spray" } == naive.passwordSpray)
        #expect(found.filter { $0.rule == "distributed-brute-force" } == naive.distributedBruteForce)
    }

    @Test(arguments: seeds)
    func deletionsAreCountedWhateverTheirOrder(seed: Int) {
        var history = RandomHistory(seed: seed)
        let events = history.events(200, actions: ["delete", "update"], meanPause: 20 + seed * 5)
        let batches = history.batches(of: events, delay: 300)
        let found = accusations(Self.settings, batches).filter { $0.rule == "mass-delete" }
        #expect(found == NaiveRules(settings: Self.settings, events: events, known: []).massDelete)
    }

    @Test(arguments: seeds)
    func takeoversInOrderAreThoseOfTheDefinition(seed: Int) {
        var history = RandomHistory(seed: seed)
        let known = history.acquaintances()
        let events = history.events(160, actions: Self.signIns + ["login"], meanPause: 100 + seed * 10)
        let found = accusations(Self.settings, history.batches(of: events, delay: 0), known: known)
        let naive = NaiveRules(settings: Self.settings, events: events, known: known)
        #expect(found.filter { $0.rule == "takeover" } == naive.takeover)
    }

    /// A login that comes late has excused nobody until then, so there may be more; never fewer.
    @Test(arguments: seeds)
    func takeoversOutOfOrderAreNeverMissed(seed: Int) {
        var history = RandomHistory(seed: seed)
        let known = history.acquaintances()
        let events = history.events(160, actions: Self.signIns + ["login"], meanPause: 100 + seed * 10)
        let batches = history.batches(of: events, delay: 1800)
        let found = accusations(Self.settings, batches, known: known).filter { $0.rule == "takeover" }
        var naive = NaiveRules(settings: Self.settings, events: events, known: known)
        #expect(found.isSuperset(of: naive.takeover))
        naive.isLearning = false
        #expect(found.isSubset(of: naive.takeover))
    }

    @Test(arguments: seeds)
    func requestsAreCountedWhateverTheirOrder(seed: Int) {
        var history = RandomHistory(seed: seed)
        let events = history.events(300, actions: ["create", "update"], meanPause: 20 + seed * 10)
        let batches = history.batches(of: events, delay: 3000)
        let found = accusations(Self.settings, batches).filter { $0.rule == "excessive-requests" }
        #expect(found == NaiveRules(settings: Self.settings, events: events, known: []).excessiveRequests)
    }

    @Test(arguments: seeds)
    func breadthAndDiversityAreCountedWhateverTheirOrder(seed: Int) {
        var settings = Self.settings
        settings.excessiveRequests.isEnabled = false
        settings.broadAccess.events = 20
        settings.diverseActions.events = 20
        let actions = ["create", "update", "delete", "run", "comment", "revert"]
        var history = RandomHistory(seed: seed)
        let events = history.events(300, actions: actions, collections: 14, meanPause: 30 + seed * 10)
        let batches = history.batches(of: events, delay: 3000)
        let naive = NaiveRules(settings: settings, events: events, known: [])
        let found = accusations(settings, batches)
        #expect(found.isSuperset(of: naive.broadAccess))
        #expect(found.filter { $0.rule == "broad-access" } == naive.broadAccess)
        // Where both hold the first speaks.
        settings.broadAccess.isEnabled = false
        #expect(accusations(settings, batches).filter { $0.rule == "diverse-actions" } == naive.diverseActions)
    }

    /// The comparisons above are worth something only if both answers occur.
    @Test func historiesBreakEachRuleAndKeepIt() {
        let rules: [(KeyPath<NaiveRules, Set<Accusation>>, [String], Int)] = [
            (\.bruteForce, Self.signIns, 120), (\.passwordSpray, Self.signIns, 120),
            (\.distributedBruteForce, Self.signIns, 120), (\.massDelete, ["delete", "update"], 200),
            (\.takeover, Self.signIns + ["login"], 160), (\.excessiveRequests, ["create", "update"], 300),
        ]
        for (rule, actions, count) in rules {
            let numbers = Self.seeds.map { seed in
                var history = RandomHistory(seed: seed)
                let events = history.events(count, actions: actions, meanPause: 20 + seed * seed * 6)
                return NaiveRules(settings: Self.settings, events: events, known: [])[keyPath: rule].count
            }
            #expect(Set(numbers).count > 1, "\(rule): \(numbers)")
            #expect(numbers.contains { $0 > 0 })
        }
    }
}
