import Activity
import Testing

@testable import Detection

struct AlertLifecycleTests {
    private var lifecycle = AlertLifecycle(
        DetectionSettings.Lifecycle()
    )

    @Test mutating func firesOnceHoweverOftenItIsFound() {
        #expect(absorb(at: 0)?.event == .firing)
        #expect(absorb(at: 1)?.event == nil)
        #expect(absorb(at: 800)?.event == nil)
        #expect(lifecycle.episodes.count == 1)
    }

    @Test mutating func isPublishedAgainAfterTheRepeatIntervalOnly() throws {
        _ = absorb(at: 0)
        for second in stride(from: Int64(600), to: 14_400, by: 600) { #expect(absorb(at: second)?.event == nil) }
        let change = try #require(absorb(at: 14_400))
        #expect(change.event == .updated)
        #expect(change.episode.published == 2)
        #expect(absorb(at: 14_401)?.event == nil)
    }

    @Test mutating func isPublishedAtOnceWhenItGetsWorseButNotWhenItGetsBetter() {
        #expect(absorb(at: 0, .low)?.event == .firing)
        #expect(absorb(at: 1, .high)?.event == .updated)
        #expect(absorb(at: 2, .low)?.event == nil)
        #expect(absorb(at: 3, .high)?.event == nil)
        #expect(lifecycle.episodes["f"]?.severity == .high)
    }

    @Test mutating func isResolvedOnceAfterTheQuietPeriod() throws {
        _ = absorb(at: 0)
        _ = absorb(at: 100)
        #expect(lifecycle.advance(to: Timestamp(seconds: 999)).isEmpty)
        let changes = lifecycle.advance(to: Timestamp(seconds: 1000))
        #expect(changes.map(\.event) == [.resolved])
        #expect(changes.first?.episode.endsAt == Timestamp(seconds: 100))
        #expect(lifecycle.advance(to: Timestamp(seconds: 5000)).isEmpty)
    }

    @Test mutating func anotherOccurrenceHasTheSameFingerprintAndAnotherName() throws {
        let first = try #require(absorb(at: 0)).episode
        _ = lifecycle.advance(to: Timestamp(seconds: 900))
        let second = try #require(absorb(at: 901))
        #expect(second.event == .firing)
        #expect(second.episode.fingerprint == first.fingerprint)
        #expect(second.episode.occurrenceID != first.occurrenceID)
    }

    @Test mutating func belowItsThresholdItOnlyStaysOpen() {
        #expect(absorb(at: 0, isAbove: false) == nil)
        _ = absorb(at: 10)
        #expect(absorb(at: 800, isAbove: false)?.event == nil)
        #expect(lifecycle.advance(to: Timestamp(seconds: 1600)).isEmpty)
        #expect(lifecycle.advance(to: Timestamp(seconds: 1700)).map(\.event) == [.resolved])
    }

    @Test func isPendingUntilItHasLasted() {
        var settings = DetectionSettings.Lifecycle()
        settings.pendingFor = 60
        var lifecycle = AlertLifecycle(settings)
        let absorb = { (second: Int64) in
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

    @Test mutating func isRecordedButNotPublishedWhileItIsSilenced() throws {
        let silenced = AlertLifecycle.Attention(suppressedBy: "silence 1")
        let change = try #require(absorb(at: 0, attention: silenced))
        #expect(change.event == nil)
        #expect(change.episode.status == .firing)
        #expect(change.episode.suppressedBy == "silence 1")
        #expect(absorb(at: 60)?.event == .firing)
    }

    @Test mutating func aSilenceDoesNotSwallowTheEndOfWhatWasPublished() {
        _ = absorb(at: 0)
        _ = absorb(at: 1, attention: AlertLifecycle.Attention(suppressedBy: "silence 1"))
        #expect(lifecycle.advance(to: Timestamp(seconds: 2000)).map(\.event) == [.resolved])
    }

    @Test mutating func whoKnowsOfItHearsOfItOnlyWhenItGetsWorse() {
        let known = AlertLifecycle.Attention(isAcknowledged: true)
        _ = absorb(at: 0, .low)
        for second in stride(from: Int64(800), to: 20_000, by: 800) {
            #expect(absorb(at: second, .low, attention: known)?.event == nil)
        }
        #expect(absorb(at: 20_000, .high, attention: known)?.event == .updated)
    }

    @Test mutating func goesOnFromWhatWasStored() throws {
        let episode = try #require(absorb(at: 0)).episode
        var restored = AlertLifecycle(DetectionSettings.Lifecycle())
        restored.restore(episode)
        #expect(restored.absorb(Self.finding(at: 5), of: "f", at: Timestamp(seconds: 5))?.event == nil)
        #expect(restored.advance(to: Timestamp(seconds: 905)).map(\.event) == [.resolved])
    }

    @Test mutating func endsAtOnceWhenItIsKnownToBeWell() {
        _ = absorb(at: 0)
        #expect(lifecycle.resolve("f", at: Timestamp(seconds: 1))?.event == .resolved)
        #expect(lifecycle.resolve("f", at: Timestamp(seconds: 1)) == nil)
    }

    private mutating func absorb(
        at second: Int64,
        _ severity: Severity = .medium,
        isAbove: Bool = true,
        attention: AlertLifecycle.Attention = AlertLifecycle.Attention(),
    ) -> AlertChange? {
        let finding = Self.finding(at: second, severity, isAbove: isAbove)
        return lifecycle.absorb(finding, of: "f", at: Timestamp(seconds: second), attention: attention)
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
