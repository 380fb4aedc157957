import Activity
import Foundation
import Testing

@testable import Detection

struct AlertMessageTests {
    private static func message(of event: AlertChange.Event?) throws -> AlertMessage {
        var lifecycle = AlertLifecycle(DetectionSettings.Lifecycle())
        let finding = AlertLifecycleTests.finding(at: 1_800_000_000)
        let now = Timestamp(seconds: 1_800_000_001)
        let foundChange = lifecycle.absorb(finding, of: "00000000000000ff", at: now)
        var change = try #require(foundChange)
        change.event = event
        return AlertMessage(change, source: "/activityd/activity", at: now)
    }

    @Test func isACloudEvent() throws {
        let message = try Self.message(of: .firing)
        let event = try #require(
            try JSONSerialization.jsonObject(with: Data(message.event.utf8)) as? [String: Any]
        )
        #expect(event["specversion"] as? String == "1.0")
        #expect(event["id"] as? String == message.id)
        #expect(event["type"] as? String == "activityd.alert.firing")
        #expect(event["source"] as? String == "/activityd/activity")
        #expect(event["subject"] as? String == "ip/203.0.113.7")
        #expect(event["time"] as? String == "2027-01-15T08:00:01Z")
        #expect(event["sequence"] == nil, "the relay adds it")
        #expect(message.id == "\(message.occurrenceID):1")
    }

    @Test func dataSaysWhatWasFoundAndWhy() throws {
        let message = try Self.message(of: .firing)
        let data = try #require(try JSONSerialization.jsonObject(with: Data(message.data.utf8)) as? [String: Any])
        #expect(data["status"] as? String == "firing")
        #expect(data["alertType"] as? String == "BRUTE_FORCE")
        #expect(data["severity"] as? String == "medium")
        #expect(data["fingerprint"] as? String == "00000000000000ff")
        #expect(data["startsAt"] as? String == "2027-01-15T08:00:00Z")
        #expect(data["endsAt"] == nil)
        #expect(data["ip"] as? String == "203.0.113.7")
        #expect(data["observed"] as? Double == 7)
        #expect(data["count"] as? Int == 7)
        #expect(data["reason"] as? String == "7 failed logins in 10 minutes")
        #expect((data["rule"] as? [String: Any])?["name"] as? String == "brute-force")
        #expect((data["labels"] as? [String: String]) == ["ip": "203.0.113.7"])
        #expect((data["evidence"] as? [String: [Int]]) == ["activityIds": [1, 2]])
        #expect((data["annotations"] as? [String: String])?["summary"] == "BRUTE_FORCE: ip 203.0.113.7")
    }

    @Test func isTheSameEachTimeItIsMade() throws {
        #expect(try Self.message(of: .firing) == Self.message(of: .firing))
    }
}
