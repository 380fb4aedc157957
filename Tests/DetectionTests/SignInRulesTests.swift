import Activity
import Testing

@testable import Detection

struct SignInRulesTests {
    private static let start = Timestamp(seconds: 1_700_000_000)

    private func event(
        _ id: Int64,
        at seconds: Int,
        _ action: String,
        user: String? = "u",
        ip: String? = "192.0.2.1",
        item: String? = nil,
    ) -> ActivityEvent {
        ActivityEvent(
            id: id,
            at: Self.start.advanced(bySeconds: seconds),
            user: user,
            ip: ip,
            collection: "directus_users",
            action: action,
            item: item,
        )
    }

    private func findings(
        _ events: [ActivityEvent],
        known: [(user: String, ip: String)] = [],
        _ settings: DetectionSettings = DetectionSettings(),
    ) -> [Finding] {
        var engine = DetectionEngine(settings)
        engine.learn(logins: known.map { KnownAddress(user: $0.user, ip: $0.ip, first: Self.start, last: Self.start) })
        return engine.absorb(events, now: Self.start.advanced(bySeconds: 10 * 86_400))
    }

    private func failures(_ count: Int, every seconds: Int, ips: [String] = ["192.0.2.1"]) -> [ActivityEvent] {
        (0..<count).map { event(Int64($0), at: 10 + $0 * seconds, ActivityEvent.failedLogin, ip: ips[$0 % ips.count]) }
    }

    @Test(
        arguments: [
            (5, 2, Severity.high, "5 failed logins in 10 seconds"), (5, 120, .high, "5 failed logins in 10 minutes"),
            (5, 3600, .low, "5 failed logins in 24 hours"),
        ] as [(Int, Int, Severity, String)]
    )
    func failuresOfAnAddressAreUrgentAccordingToTheirPace(
        count: Int,
        seconds: Int,
        severity: Severity,
        reason: String,
    ) throws {
        let alert = try #require(findings(failures(count, every: seconds)).last { $0.isAboveThreshold })
        #expect(alert.alertType == "BRUTE_FORCE")
        #expect(alert.subject == Finding.Subject(ip: "192.0.2.1"))
        #expect(alert.severity == severity)
        #expect(alert.reason == reason)
        #expect(alert.evidence == [0, 1, 2, 3, 4])
    }

    @Test func fourFailuresOnlyKeepAnAlertOpen() {
        let near = findings(failures(4, every: 60))
        #expect(!near.isEmpty && near.allSatisfy { !$0.isAboveThreshold })
        #expect(findings(failures(3, every: 60)) == [])
    }

    @Test(arguments: [(0, true), (1, false)])
    func aWindowHasBothItsEnds(microseconds: Int64, isAttack: Bool) {
        var events = failures(5, every: 150)
        events[4].at.microseconds += microseconds
        let alerts = findings(events).filter { $0.isAboveThreshold && $0.severity == .high }
        #expect(alerts.isEmpty != isAttack)
    }

    @Test func aNetworkIsAccusedWhenTwoOfItsAddressesFail() throws {
        let ips = ["192.0.2.1", "::ffff:192.0.2.2"]
        let alert = try #require(findings(failures(5, every: 60, ips: ips)).last { $0.isAboveThreshold })
        #expect(alert.subject == Finding.Subject(network: "192.0.2.0/24"))
        #expect(alert.severity == .medium)
        #expect(findings(failures(9, every: 60)).allSatisfy { $0.subject.network == nil })
    }

    /// A whole office behind one address.
    @Test func typingErrorsOfUsersAtHomeAreNoSlowAttack() {
        #expect(findings(failures(8, every: 3600), known: [("u", "192.0.2.1")]) == [])
        let later = failures(4, every: 3600) + [event(9, at: 15_000, ActivityEvent.login)]
        #expect(findings(later + [event(10, at: 20_000, ActivityEvent.failedLogin)]).filter(\.isAboveThreshold) == [])
    }

    @Test(arguments: [false, true])
    func aTakeoverNeedsFailuresHereOrAnAddressThatIsNew(isKnown: Bool) {
        let elsewhere = failures(6, every: 60, ips: (1...6).map { "198.51.\($0).1" })
        let login = event(100, at: 3000, ActivityEvent.login, ip: "203.0.113.1")
        let alerts = findings(elsewhere + [login], known: isKnown ? [("u", "203.0.113.1")] : [])
            .filter { $0.alertType == "ACCOUNT_TAKEOVER" }
        #expect(alerts.map(\.subject) == (isKnown ? [] : [Finding.Subject(ip: "203.0.113.1", userId: "u")]))
        #expect(alerts.allSatisfy { $0.severity == .critical && $0.evidence == [0, 1, 2, 3, 4, 5, 100] })
    }

    @Test func aSuspensionComesFromAnAddressOfSomebodyElse() {
        let row = event(1, at: 60, "update", item: "u")
        #expect(findings([row]).map(\.alertType) == ["USER_SUSPENDED"])
        #expect(findings([row], known: [("u", "192.0.2.1")]) == [])
        #expect(findings([event(1, at: 0, ActivityEvent.login), row]) == [])
        #expect(findings([event(1, at: 60, "update", item: "v")]) == [])
        #expect(findings([event(1, at: 60, "update", ip: nil, item: "u")]) == [])
    }

    @Test func aNewAddressOfAPrivilegedUserIsToldOnce() {
        var settings = DetectionSettings()
        let events = [event(1, at: 10, "update"), event(2, at: 20, "update")]
        #expect(findings(events, known: [("u", "192.0.2.9")], settings) == [])
        settings.newAddress.users = ["u"]
        #expect(findings(events, known: [("u", "192.0.2.9")], settings).map(\.evidence) == [[1]])
        #expect(findings(events, known: [("u", "192.0.2.1")], settings) == [])
        // Nothing is known of the user, so nothing is new.
        #expect(findings(events, settings) == [])
    }

    @Test func aUserWithoutNameOrAddressIsNoKey() {
        let rows = (1...30).map { event(Int64($0), at: $0, "delete", user: nil, ip: nil) }
        let failures = (1...30).map { event(Int64($0), at: $0, ActivityEvent.failedLogin, user: "", ip: "") }
        #expect(findings(rows + failures) == [])
    }

    @Test func textThatIsNoAddressHasNoNetwork() {
        let alerts = findings(failures(6, every: 60, ips: ["AWS Internal"])).filter(\.isAboveThreshold)
        #expect(Set(alerts.map(\.subject)) == [Finding.Subject(ip: "AWS Internal")])
    }
}
