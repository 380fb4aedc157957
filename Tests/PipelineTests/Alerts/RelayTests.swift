import PostgresClient
import TestServers
import Testing

@testable import Pipeline

/// While nothing fails.
struct RelayTests {
    @Test func sendsEveryEventOnceAndInOrder() async throws {
        try await AlertSetting.with { setting in
            try await setting.write(1200)
            try await setting.write(3)
            try await setting.waitUntilDelivered(1203)
            #expect(try await setting.sequences() == Array(1...1203))
            try await eventually("all are heard") { setting.listener.sequences.count >= 1203 }
            #expect(setting.listener.sequences == Array(1...1203))
            #expect(setting.observations.failures.isEmpty)
        }
    }

    @Test func putsTheSequenceAsTheLastMember() async throws {
        try await AlertSetting.with { setting in
            try await setting.database.execute(
                """
                INSERT INTO activity.alert_outbox (event_id, occurrence_id, event)
                VALUES ('o:1', 'o', '{"id":"o:1","data":{"reason":"naïve } \\" 💥"}}')
                """
            )
            try await setting.waitUntilDelivered(1)
            let expected = #"{"id":"o:1","data":{"reason":"naïve } \" 💥"},"sequence":"1"}"#
            #expect(try await setting.stream().map(\.event) == [expected])
            try await eventually("it is heard") { setting.listener.alerts == [expected] }
        }
    }

    @Test func refusesAnEventThatIsNoObject() async throws {
        let database = try await ActivityDatabase()
        for event in ["", "[]", "{}", #"{"id":"x"} "#] {
            await #expect(throws: PostgresError.self) {
                _ = try await database.client.query(
                    "INSERT INTO activity.alert_outbox (event_id, occurrence_id, event) VALUES ('x', 'x', $1)",
                    [.text(event)],
                )
            }
        }
    }

    /// What commits first is first, whatever the ids; a transaction that is open holds up nobody.
    @Test func numbersInOrderOfCommit() async throws {
        try await AlertSetting.with { setting in
            let late = try await PostgresConnection.connect(
                PostgresConfiguration(connectionString: setting.database.connectionString)
            )
            _ = try await late.query("BEGIN")
            _ = try await late.query(AlertSetting.insertion, [.int4(2), .int4(0)])
            try await setting.write(2)
            try await setting.waitUntilDelivered(2)
            _ = try await late.query("COMMIT")
            try await setting.waitUntilDelivered(4)
            let ids = try await setting.database.lines("id", from: "activity.alert_outbox ORDER BY relay_seq")
            #expect(ids == ["3", "4", "1", "2"])
            #expect(try await setting.sequences() == [1, 2, 3, 4])
        }
    }

    @Test func anyNumberOfRelaysMayRunAtOnce() async throws {
        try await AlertSetting.with(
            relays: 4,
            adjust: {
                $0.chunk = 7; $0.poll = .milliseconds(1)
            },
        ) { setting in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { for size in 1...15 { try await setting.write(size) } }
                }
                try await group.waitForAll()
            }
            try await setting.waitUntilDelivered(960)
            #expect(try await setting.sequences() == Array(1...960))
            try await eventually("all are heard") { setting.listener.sequences.count >= 960 }
            #expect(setting.listener.sequences == Array(1...960))
            #expect(setting.observations.failures.isEmpty)
        }
    }

    @Test func wakesWhenItIsTold() async throws {
        try await AlertSetting.with(adjust: { $0.poll = .seconds(3600) }) { setting in
            try await eventually("the relay waits") { setting.observations.lastIdle == 0 }
            try await setting.write(1)
            for relay in setting.relays { relay.wake() }
            try await setting.waitUntilDelivered(1)
        }
    }

    @Test func keepsTheStreamAsLongAsItShouldBe() async throws {
        try await AlertSetting.with(adjust: { $0.streamLength = 1000 }) { setting in
            try await setting.write(5000)
            try await setting.waitUntilDelivered(5000)
            let sequences = try await setting.sequences()
            #expect(sequences.last == 5000)
            // Whole nodes of a hundred entries are dropped.
            #expect((1000...1100).contains(sequences.count))
        }
    }

    @Test func saysEachMinuteThatItLives() async throws {
        try await AlertSetting.with(adjust: { $0.heartbeat = .milliseconds(50) }) { setting in
            try await setting.write(3)
            try await eventually("heartbeats come") {
                setting.listener.heartbeats.filter { $0["sequence"] as? String == "3" }.count >= 2
            }
            let beats = setting.listener.heartbeats
            #expect(Set(beats.compactMap { $0["id"] as? String }).count == beats.count)
            #expect(beats.allSatisfy { $0["source"] as? String == "/activityd/activity" })
            #expect(beats.allSatisfy { $0["time"] as? String == "2023-11-14T22:13:20Z" })
            #expect(try await setting.sequences() == [1, 2, 3])
        }
    }

    @Test func tellsHowFarItIs() async throws {
        try await AlertSetting.with(adjust: { $0.chunk = 100 }) { setting in
            try await setting.write(250)
            try await eventually("it is idle") { setting.observations.lastIdle == 250 }
            let relayed = setting.observations.relayed
            #expect(relayed.map(\.events) == [100, 100, 50])
            #expect(relayed.map(\.lastSequence) == [100, 200, 250])
            #expect(relayed.map(\.pending) == [150, 50, 0])
            #expect(relayed.allSatisfy { $0.lag > .zero && $0.lag < .seconds(60) })
        }
    }

    @Test(arguments: [("activity", "/activityd/activity"), ("my schéma", "/activityd/my%20sch%C3%A9ma")])
    func namesItsSource(schema: String, source: String) {
        #expect(Relay.source(schema: schema) == source)
    }
}
