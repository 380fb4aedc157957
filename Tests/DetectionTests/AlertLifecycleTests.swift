import Activity
import Testing

@testable import Detection

struct AlertLifecycleTests {
    private let life = Life()

    @Test func firesOnceHoweverOftenItIsFound() {
        #expect(absorb(at: 0)?.event == .firing)
        #expect(absorb(at: 1)?.event == nil)
        #expect(absorb(at: 800)?.event == nil)
        #expect(life.cycle.episodes.count == 1)
    }

    @Test func isPublishedAgainAfterTheRepeatIntervalOnly() throws {
        _ = absorb(at: 0)
        for second in stride(from: Int64(600), to: 14_400, by: 600) { #expect(absorb(at: second)?.event == nil) }
        let foundChange = absorb(at: 14_400)
        let change = try #require(foundChange)
        #expect(change.event == .updated)
        #expect(change.episode.published == 2)
        #expect(absorb(at: 14_401)?.event == nil)
    }

    @Test func isPublishedAtOnceWhenItGetsWorseButNotWhenItGetsBetter() {
        #expect(absorb(at: 0, .low)?.event == .firing)
        #expect(absorb(at: 1, .high)?.event == .updated)
        #expect(absorb(at: 2, .low)?.event == nil)
        #expect(absorb(at: 3, .high)?.event == nil)
        #expect(life.cycle.episodes["f"]?.severity == .high)
    }

    @Test func isResolvedOnceAfterTheQuietPeriod() throws {
        _ = absorb(at: 0)
        _ = absorb(at: 100)
        #expect(advance(to: 999).isEmpty)
        let changes = advance(to: 1000)
        #expect(changes.map(\.event) == [.resolved])
        #expect(changes.first?.episode.endsAt == Timestamp(seconds: 100))
        #expect(advance(to: 5000).isEmpty)
    }

    @Test func anotherOccurrenceHasTheSameFingerprintAndAnotherName() throws {
        let foundFirst = absorb(at: 0)
        let first = try #require(foundFirst).episode
        _ = advance(to: 900)
        let foundSecond = absorb(at: 901)
        let second = try #require(foundSecond)
        #expect(second.event == .firing)
        #expect(second.episode.fingerprint == first.fingerprint)
        #expect(second.episode.occurrenceID != first.occurrenceID)
    }

    @Test func belowItsThresholdItOnlyStaysOpen() {
        #expect(absorb(at: 0, isAbove: false) == nil)
        _ = absorb(at: 10)
        #expect(absorb(at: 800, isAbove: false)?.event == nil)
        #expect(advance(to: 1600).isEmpty)
        #expect(advance(to: 1700).map(\.event) == [.resolved])
    }

    @Test func isPendingUntilItHasLasted() {
        var settings = DetectionSettings.Lifecycle()
        settings.pendingFor = 60
        var lifecycle = AlertLifecycle(settings)
        func absorb(_ second: Int64) -> AlertChange? {
            lifecycle.absorb(Self.finding(at: second), of: "f", at: Timestamp(seconds: second))
        }
        #expect(absorb(0)?.episode.status == .pending)
        #expect(absorb(59)?.event == nil)
        #expect(absorb(60)?.event == .firing)
    }

    @Test func whatNeverFiredIsNotResolvedToAnybody() {
        var settings = DetectionSettings.Lifecycle()
        settings.pendingFor = 60
        var lifecycle = AlertLifecycle(settings)
        _ = lifecycle.absorb(Self.finding(at: 0), of: "f", at: Timestamp(seconds: 0))
        let changes = lifecycle.advance(to: Timestamp(seconds: 900))
        #expect(changes.map(\.episode.status) == [.resolved])
        #expect(changes.map(\.event) == [nil])
    }

    @Test func isRecordedButNotPublishedWhileItIsSilenced() throws {
        let silenced = AlertLifecycle.Attention(suppressedBy: "silence 1")
        let foundChange = absorb(at: 0, attention: silenced)
        let change = try #require(foundChange)
        #expect(change.event == nil)
        #expect(change.episode.status == .firing)
        #expect(change.episode.suppressedBy == "silence 1")
        #expect(absorb(at: 60)?.event == .firing)
    }

    @Test func aSilenceDoesNotSwallowTheEndOfWhatWasPublished() {
        _ = absorb(at: 0)
        _ = absorb(at: 1, attention: AlertLifecycle.Attention(suppressedBy: "silence 1"))
        #expect(advance(to: 2000).map(\.event) == [.resolved])
    }

    @Test func whoKnowsOfItHearsOfItOnlyWhenItGetsWorse() {
        let known = AlertLifecycle.Attention(isAcknowledged: true)
        _ = absorb(at: 0, .low)
        for second in stride(from: Int64(800), to: 20_000, by: 800) {
            #expect(absorb(at: second, .low, attention: known)?.event == nil)
        }
        #expect(absorb(at: 20_000, .high, attention: known)?.event == .updated)
    }

    @Test func goesOnFromWhatWasStored() throws {
        let foundEpisode = absorb(at: 0)
        let episode = try #require(foundEpisode).episode
        var restored = AlertLifecycle(DetectionSettings.Lifecycle())
        restored.restore(episode)
        let again = restored.absorb(Self.finding(at: 5), of: "f", at: Timestamp(seconds: 5))
        #expect(again?.event == nil)
        let ended = restored.advance(to: Timestamp(seconds: 905))
        #expect(ended.map(\.event) == [.resolved])
    }

    @Test func endsAtOnceWhenItIsKnownToBeWell() {
        _ = absorb(at: 0)
        let ended = life.cycle.resolve("f", at: Timestamp(seconds: 1))
        #expect(ended?.event == .resolved)
        let again = life.cycle.resolve("f", at: Timestamp(seconds: 1))
        #expect(again == nil)
    }

    private func absorb(
        at second: Int64,
        _ severity: Severity = .medium,
        isAbove: Bool = true,
        attention: AlertLifecycle.Attention = AlertLifecycle.Attention(),
    ) -> AlertChange? {
        let finding = Self.finding(at: second, severity, isAbove: isAbove)
        return life.cycle.absorb(finding, of: "f", at: Timestamp(seconds: second), attention: attention)
    }

    private func advance(to second: Int64) -> [AlertChange] {
        life.cycle.advance(to: Timestamp(seconds: second))
    }

    /// By reference, since expectations cannot change values.
    private final class Life {
        var cycle = AlertLifecycle(DetectionSettings.Lifecycle())
    }

    static func finding(at second: Int64, _ severity: Severity = .medium, isAbove: Bool = true) -> Finding {
        let at = Timestamp(seconds: second)
        return Finding(
            rule: Finding.Rule(name: "brute-force", version: 1),
            alertType: "BRUTE_FORCE",
            severity: severity,
            subject: Finding.Subject(ip: "203.0.113.7"),
            at: at,
            window: at...at,
            observed: 7,
            threshold: 5,
            score: 1.4,
            reason: "7 failed logins in 10 minutes",
            count: 7,
            evidence: [1, 2],
            isAboveThreshold: isAbove,
        )
    }
}
