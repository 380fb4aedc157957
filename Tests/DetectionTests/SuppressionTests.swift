import Activity
import Testing

@testable import Detection

struct SuppressionTests {
    private func finding(_ subject: Finding.Subject, rule: String = "brute-force") -> Finding {
        let moment = Timestamp(seconds: 0)
        return Finding(
            rule: Finding.Rule(name: rule, version: 1),
            alertType: "",
            severity: .low,
            subject: subject,
            at: moment,
            window: moment...moment,
            observed: 0,
            threshold: 0,
            score: 0,
            reason: "",
            count: 0,
        )
    }

    /// The digits are part of stored alerts: a change of them makes every alert new.
    @Test(
        arguments: [
            ("brute-force", Finding.Subject(ip: "192.0.2.1"), "ac12e8d07dca92ee"),
            ("brute-force", Finding.Subject(network: "192.0.2.0/24"), "dde82cb9b9d745b7"),
            ("mass-delete", Finding.Subject(userId: "u", collection: "c"), "77bc09eaa383b214"),
            ("mass-delete", Finding.Subject(userId: "uc"), "0f7dd8fd02238347"),
            ("distributed-brute-force", Finding.Subject(), "e8e459cb403754dd"),
            ("job-failed", Finding.Subject(job: "j"), "0a7680565658f2a9"),
            ("detector-failed", Finding.Subject(detector: "j"), "5e150597171f44e3"),
        ] as [(String, Finding.Subject, String)]
    )
    func aFingerprintIsTheSameInEveryRelease(_ rule: String, _ subject: Finding.Subject, _ digits: String) {
        #expect(Fingerprint(rule: rule, subject: subject).description == digits)
    }

    @Test func anAllowListNamesWhatAllowed() throws {
        var allow = AllowList()
        allow.addresses = [try #require(Network("10.0.0.0/8"))]
        allow.users = ["u"]
        allow.rules = ["takeover"]
        #expect(allow.reason(for: finding(.init(ip: "192.0.2.1"), rule: "takeover")) == "allowed: rule takeover")
        #expect(allow.reason(for: finding(.init(ip: "192.0.2.1", userId: "u"))) == "allowed: user u")
        #expect(allow.reason(for: finding(.init(ip: "::ffff:10.9.8.7"))) == "allowed: address 10.0.0.0/8")
        #expect(allow.reason(for: finding(.init(network: "10.9.8.0/24"))) == "allowed: address 10.0.0.0/8")
        #expect(allow.reason(for: finding(.init(network: "0.0.0.0/0"))) == nil)
        #expect(allow.reason(for: finding(.init(ip: "10.9.8"))) == nil)
        #expect(allow.reason(for: finding(.init())) == nil)
    }

    @Test func aSilenceMatchesWithAllThatIsSet() throws {
        let finding = finding(.init(ip: "10.0.0.1", userId: "u"))
        let fingerprint = Fingerprint(finding)
        func matches(_ change: (inout Silence) -> Void) -> Bool {
            var silence = Silence(id: 1, expiresAt: Timestamp(seconds: 0), comment: "")
            change(&silence)
            return silence.matches(finding, fingerprint: fingerprint)
        }
        #expect(!matches { _ in })
        #expect(matches { $0.rule = "brute-force" })
        #expect(matches { $0.fingerprint = fingerprint.description })
        #expect(matches { $0.network = Network("10.0.0.0/24") })
        #expect(matches { ($0.rule, $0.userId) = ("brute-force", "u") })
        #expect(!matches { ($0.rule, $0.userId) = ("brute-force", "v") })
        #expect(!matches { ($0.rule, $0.userId) = ("takeover", "u") })
        #expect(!matches { $0.network = Network("10.0.1.0/24") })
        #expect(!matches { $0.fingerprint = "0" })
    }
}
