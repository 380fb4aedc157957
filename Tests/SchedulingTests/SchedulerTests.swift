import Cron
import PostgresClient
import Scheduling
import Synchronization
import TestServers
import Testing

@Suite struct SchedulerTests {
    @Test func runsEachSlotOnceAndSaysWhatItAnswered() async throws {
        let database = try await ScheduledDatabase()
        let job = Job(
            "tick",
            try CronSchedule("1 second"),
            action: .command(JobCommand("SELECT generate_series(1, 3)", JobSession())),
        )
        try await withScheduler(database.settings([job])) { _, observations in
            try await eventually("three runs ended") { observations.finished.count >= 3 }
            print(observations.finished.map { "\($0.lateness!) \($0.duration!)" })
            print(observations.descriptions)
        }
        print(try await database.history(of: "tick"))
    }
}
