import Pipeline
import PostgresClient
import TestServers
import Testing

/// Reading, replaying and forgetting what was relayed.
struct AlertMaintenanceTests {
    @Test func readsEventsAfterASequence() async throws {
        try await AlertSetting.with { setting in
            try await setting.write(10)
            try await setting.waitUntilDelivered(10)
            // Has no number yet, and is not read.
            let outbox = AlertOutbox(setting.database.client, setting.database.sql)
            let events = try await outbox.events(after: 7, limit: 2)
            #expect(events.map(\.sequence) == [8, 9])
            #expect(try await setting.stream()[7...8].map(\.event) == events.map(\.json))
            #expect(try await outbox.events(after: 10, limit: 100).isEmpty)
        }
    }

    @Test func replaysAPeriodOnTheChannelOnly() async throws {
        try await AlertSetting.with { setting in
            try await setting.write(2000)
            try await setting.waitUntilDelivered(2000)
            try await eventually("all are heard") { setting.listener.sequences.count == 2000 }
            try await setting.database.execute(
                """
                UPDATE activity.alert_outbox SET created_at = '2026-03-01T12:00Z' WHERE relay_seq BETWEEN 101 AND 1300;
                UPDATE activity.alert_outbox SET created_at = '2026-03-01T13:00Z' WHERE relay_seq = 1301;
                """
            )
            let replay = AlertReplay(setting.database.client, setting.database.sql, setting.redis, prefix: "activity:")
            let period =
                try await Self.moment("2026-03-01T12:00Z", setting)..<Self.moment("2026-03-01T13:00Z", setting)
            #expect(try await replay.announce(writtenIn: period) == 1200)
            try await eventually("all are heard again") { setting.listener.sequences.count >= 3200 }
            #expect(setting.listener.sequences.suffix(1200) == Array(101...1300)[...])
            #expect(setting.listener.alerts.suffix(1200) == setting.listener.alerts[100..<1300])
            #expect(try await setting.sequences() == Array(1...2000))
        }
    }

    @Test func forgetsWhatIsOldAndDelivered() async throws {
        let database = try await ActivityDatabase()
        // 1 to 50 are old; 46 on are not delivered, 51 on are new, and the last two have no number.
        try await database.execute(
            """
            INSERT INTO activity.alert_outbox (event_id, occurrence_id, event, created_at, relay_seq)
            SELECT n, 'o', '{"id":"x"}', now() - CASE WHEN n > 50 AND n < 60 THEN 1 ELSE 91 END * interval '1 day',
                CASE WHEN n < 59 THEN n END
            FROM generate_series(1, 60) AS n;
            UPDATE activity.relay SET numbered = 58, delivered = 45;
            INSERT INTO activity.auth_event ("timestamp", outcome, received_at, is_detected)
            SELECT now(), 'failure', now() - days * interval '1 day', is_detected
            FROM unnest(ARRAY[91, 91, 89], ARRAY[true, false, true]) AS e (days, is_detected);
            INSERT INTO activity.alert (occurrence_id, fingerprint, rule, alert_type, severity, status, starts_at,
                ends_at, updated_at, episode, data)
            SELECT n, n, 'r', 'R', 'low', status, now() - starts * interval '1 day', now() - ends * interval '1 day',
                now(), '{}', '{}'
            FROM (VALUES (1, 'resolved', 100, 91), (2, 'resolved', 100, 89), (3, 'firing', 100, NULL))
                AS a (n, status, starts, ends);
            """
        )
        func maintain(newestEvents: Int64) async throws -> Int {
            let retention = Maintenance.Retention(
                runs: .seconds(86_400),
                facts: .keep,
                alerts: .seconds(90 * 86_400),
                newestEvents: newestEvents,
            )
            return try await Maintenance(database.client, database.sql, retention) { _ in }.run().prunedAlerts
        }
        #expect(try await maintain(newestEvents: 30) == 28 + 1 + 1)
        #expect(try await database.number("SELECT min(relay_seq) FROM activity.alert_outbox") == 29)
        #expect(try await database.lines("occurrence_id", from: "activity.alert ORDER BY 1") == ["2", "3"])
        #expect(try await database.number("SELECT count(*) FROM activity.auth_event") == 2)
        #expect(try await maintain(newestEvents: 1) == 45 - 28)
        #expect(try await database.number("SELECT count(*) FROM activity.alert_outbox") == 15)
    }

    private static func moment(_ text: String, _ setting: AlertSetting) async throws -> PostgresTimestamp {
        try await setting.database.client.query("SELECT $1::timestamptz", [.untyped(text)]).value(0, 0)
    }
}
