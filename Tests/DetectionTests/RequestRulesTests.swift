import Activity
import Testing

@testable import Detection

struct RequestRulesTests {
    /// A Monday at noon.
    private static let noon = Timestamp(seconds: 1_699_876_800)
    private static let hour = Self.noon.hour

    /// Events spread over the hour before a moment.
    private func events(_ count: Int, ip: String? = nil, user: String? = nil, collections: Int = 1) -> [ActivityEvent] {
        (0..<count).map { index in
            ActivityEvent(
                id: Int64(index),
                at: Self.noon.advanced(bySeconds: index * 3590 / count),
                user: user,
                ip: ip,
                collection: "c\(index % collections)",
                action: "update",
            )
        }
    }

    private func alerts(
        _ events: [ActivityEvent],
        history: [EntityHour] = [],
        _ settings: DetectionSettings = DetectionSettings(),
    ) -> [Finding] {
        var engine = DetectionEngine(settings)
        engine.learn(requests: history)
        return engine.absorb(events, now: Self.noon.advanced(bySeconds: 3600)).filter(\.isAboveThreshold)
    }

    /// The same number in every hour of the four weeks before.
    private func everyHour(_ events: Int, _ entity: EntityHour.Entity) -> [EntityHour] {
        (1...672).map { EntityHour(entity: entity, hour: Self.hour.advanced(by: -$0), events: events) }
    }

    /// The predecessor compared the addresses of an hour with each other, which shows nothing among so few.
    @Test func oneOfThreeAddressesThatFloodsACollectionIsFound() throws {
        let quiet = events(20, ip: "192.0.2.1") + events(30, ip: "192.0.2.2")
        let findings = alerts(quiet + events(501, ip: "192.0.2.3"))
        let finding = try #require(findings.last)
        #expect(Set(findings.map(\.subject)) == [Finding.Subject(ip: "192.0.2.3")])
        #expect(finding.alertType == "EXCESSIVE_REQUESTS")
        #expect(finding.severity == .medium)
        #expect((finding.observed, finding.threshold) == (501, 500))
        #expect(finding.risk == Finding.Risk(level: "medium", activityScore: 31))
        #expect(finding.reason == "501 events in an hour, at most 500 allowed")
    }

    @Test func asManyAsAllowedAreAllowed() {
        #expect(alerts(events(500, ip: "192.0.2.1", user: "u")) == [])
    }

    @Test func aUserWithoutHistoryIsHeldToTheLimit() {
        #expect(alerts(events(150, user: "u")) == [])
        #expect(Set(alerts(events(501, user: "u")).map(\.subject)) == [Finding.Subject(userId: "u")])
    }

    @Test func aQuietUserIsHeldToItsOwnHistory() throws {
        let finding = try #require(alerts(events(150, user: "u"), history: everyHour(10, .user("u"))).last)
        #expect((finding.observed, finding.expected, finding.threshold) == (150, 10, 100))
        #expect(finding.severity == .low)
        #expect(finding.risk == nil)
        #expect(finding.reason == "150 events in an hour, usually 10, at most 100 allowed")
    }

    @Test func aBusyIntegrationIsNoFlood() {
        let history = everyHour(2000, .ip("192.0.2.1"))
        #expect(alerts(events(2500, ip: "192.0.2.1"), history: history) == [])
        #expect(alerts(events(6500, ip: "192.0.2.1"), history: history).isEmpty == false)
    }

    @Test func fiveTimesTheLimitIsMoreUrgent() {
        #expect(alerts(events(2499, user: "u")).map(\.severity).max() == .medium)
        #expect(alerts(events(2500, user: "u")).map(\.severity).max() == .high)
    }

    @Test func ofOneAddressTheFirstRuleThatHoldsSpeaks() {
        let both = events(501, ip: "192.0.2.1", collections: 11)
        #expect(alerts(both).last?.alertType == "EXCESSIVE_REQUESTS")
        #expect(Set(alerts(both).filter { $0.at == both[500].at }.map(\.alertType)) == ["EXCESSIVE_REQUESTS"])
        #expect(Set(alerts(events(120, ip: "192.0.2.1", collections: 11)).map(\.alertType)) == ["BROAD_ACCESS"])
        #expect(alerts(events(99, ip: "192.0.2.1", collections: 11)) == [])
    }

    @Test func eventsBeyondTheHourAreNotCounted() {
        let early = events(300, ip: "192.0.2.1").map { event in
            var event = event
            event.at = event.at.advanced(bySeconds: -3660)
            return event
        }
        #expect(alerts(early + events(300, ip: "192.0.2.1")) == [])
    }

    @Test func nearTheLimitAnAlertStaysOpen() {
        var engine = DetectionEngine(DetectionSettings())
        let findings = engine.absorb(events(401, user: "u"), now: Self.noon.advanced(bySeconds: 3600))
        #expect(!findings.isEmpty && findings.allSatisfy { !$0.isAboveThreshold })
    }
}
