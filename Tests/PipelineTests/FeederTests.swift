import Detection
import Pipeline
import PostgresClient
import TestServers
import Testing

struct FeederTests {
    /// Others that find nothing to do must not beat for one that hangs.
    @Test func onlyWhoFeedsGivesThePulse() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            "INSERT INTO directus_activity (action, \"timestamp\", collection, item) VALUES ('create', now(), 'a', 'x')"
        )
        let pulse = Pulse()
        let feeder = Feeder(
            database.client,
            database.sql,
            batchSize: 1000,
            detection: FeedDetection(database.sql, settings: { DetectionSettings() }),
            caughtUp: Gate(),
            pulse: pulse,
            observe: { _ in },
        )
        let other = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: database.connectionString)
        )
        _ = try await other.query("BEGIN")
        _ = try await other.query("LOCK TABLE activity.feed IN ACCESS EXCLUSIVE MODE")
        async let first = feeder.feedBacklog()
        try await eventually("the first one waits for the lock") {
            try await database.number(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'activity.feed'::regclass"
            )
                == 1
        }
        #expect(try await feeder.feedBacklog() == nil)
        #expect(pulse.isSilent(at: .now + .seconds(3600)))
        _ = try await other.query("ROLLBACK")
        #expect(try await first == 1)
        #expect(!pulse.isSilent(at: .now + .seconds(3600)))
        #expect(try await feeder.feedBacklog() == 0)
    }
}
