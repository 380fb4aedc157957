import Activity
import Testing

@testable import Detection

struct RealAttackTests {
    private static let benignAddresses: Set = ["85.245.107.41", "95.93.96.191", "127.0.0.1"]
    private static let turncoat = "24.151.103.17"

    private static func isBenign(_ ip: String, at moment: Timestamp) throws -> Bool {
        let turn = try #require(Timestamp(rfc3339: "2017-03-30T15:00:00Z"))
        return benignAddresses.contains(ip) || ip == turncoat && moment < turn
    }

    private static func replay(_ events: [ActivityEvent]) -> [Finding] {
        var replay = EventReplay(AlertDetector(DetectionSettings()))
        let alerts = replay.alerts(of: events)
        #expect(replay.takeFailures().isEmpty)
        return alerts
    }

    @Test func everyAttackerIsFound() throws {
        let history = try RealEvents("elastic_auth.csv")
        let failures = history.rows.filter { $0.label == "attack" && $0.event.action == ActivityEvent.failedLogin }
        let attackers = Dictionary(grouping: failures) { $0.event.ip }.filter { $0.value.count >= 5 }.keys
        #expect(attackers.count == 102)
        let found = Set(Self.replay(history.events).map(\.subject.ip))
        #expect(attackers.filter { !found.contains($0) } == [])
    }

    @Test func nobodyHonestIsSuspected() throws {
        let history = try RealEvents("elastic_auth.csv")
        let alerts = Self.replay(history.events)
        #expect(history.rows.count { $0.label == "benign" } == 248)
        #expect(alerts.count > 102)
        for alert in alerts {
            if let ip = alert.subject.ip {
                #expect(try !Self.isBenign(ip, at: alert.at), "\(alert.alertType) of \(ip): \(alert.reason)")
            }
            let network = try alert.subject.network.map { try #require(Network($0)) }
            for ip in Self.benignAddresses.union([Self.turncoat]) where try Self.isBenign(ip, at: alert.at) {
                let address = try #require(IPAddress(ip))
                #expect(network?.contains(address) != true, "\(alert.alertType) of \(ip): \(alert.reason)")
            }
        }
    }

    @Test func theTakeoverIsCriticalWithinItsMinute() throws {
        let takeovers = try Self.replay(RealEvents("elastic_auth.csv").events)
            .filter { $0.alertType == "ACCOUNT_TAKEOVER" }
        let moment = try #require(Timestamp(rfc3339: "2017-03-30T16:01:36Z"))
        let takeover = try #require(takeovers.first)
        #expect(takeovers.count == 1)
        #expect(takeover.at == moment)
        #expect(takeover.severity == .critical)
        #expect(takeover.subject == Finding.Subject(ip: Self.turncoat, userId: "elastic_user_0"))
    }

    @Test func theMassDeletionsAreFound() throws {
        let deletions = try Self.replay(RealEvents("invictus_aws.csv").events).filter { $0.alertType == "MASS_DELETE" }
        #expect(
            deletions.map(\.subject)
                == ["ssm", "ec2", "iam"].map { collection in
                    Finding.Subject(userId: "bert-jan", collection: collection)
                }
        )
    }
}
