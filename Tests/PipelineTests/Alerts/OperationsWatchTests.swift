import Detection
import Pipeline
import TestServers
import Testing

/// The daemon's own troubles.
struct OperationsWatchTests {
    @Test func aFailedJobIsAnAlertUntilItSucceeds() async throws {
        let fixture = try await Fixture()
        try await fixture.run("nightly", "failed", minutesAgo: 3, reason: "syntax error")
        #expect(try await fixture.look() == ["JOB_FAILED firing nightly"])
        #expect(try await fixture.look() == [])
        try await fixture.run("nightly", "failed", minutesAgo: 2, reason: "syntax error")
        #expect(try await fixture.look() == [])
        try await fixture.run("nightly", "succeeded", minutesAgo: 1)
        #expect(try await fixture.look() == ["JOB_FAILED resolved nightly"])
    }

    @Test func missedSlotsAreAnAlertUnlessALaterOneRuns() async throws {
        let fixture = try await Fixture()
        try await fixture.run("caught-up", "missed", minutesAgo: 9)
        try await fixture.run("caught-up", "succeeded", minutesAgo: 8)
        try await fixture.run("left-out", "missed", minutesAgo: 9, reason: "no daemon was there")
        #expect(try await fixture.look() == ["JOB_MISSED firing left-out"])
    }

    @Test func dataThatIsNotFedIsStaleUntilItIsFed() async throws {
        let fixture = try await Fixture()
        try await fixture.database.execute(
            "INSERT INTO activity.job_state (job, definition, watermark) VALUES ('ingest', '', now())"
        )
        try await fixture.run("ingest", "succeeded", minutesAgo: 10)
        #expect(try await fixture.look() == ["DATA_STALE firing "])
        try await fixture.run("ingest", "succeeded", minutesAgo: 0)
        #expect(try await fixture.look() == ["DATA_STALE resolved "])
    }

    @Test func aPausedFeedIsNotStale() async throws {
        let fixture = try await Fixture()
        try await fixture.database.execute(
            "INSERT INTO activity.job_state (job, definition, watermark, is_held) VALUES ('ingest', '', now(), true)"
        )
        #expect(try await fixture.look() == [])
    }

    @Test(arguments: [.seconds(600), nil] as [Duration?])
    func aFeedThatRunsSeldomOrNeverIsNotStale(feedPause: Duration?) async throws {
        let fixture = try await Fixture(feedPause: feedPause)
        try await fixture.database.execute(
            "INSERT INTO activity.job_state (job, definition, watermark) VALUES ('ingest', '', now())"
        )
        try await fixture.run("ingest", "succeeded", minutesAgo: 10)
        #expect(try await fixture.look() == [])
    }

    @Test func driftIsAnAlertOnce() async throws {
        let fixture = try await Fixture()
        try await fixture.database.execute(
            "INSERT INTO activity.drift (hour, events_before, events_after, cause) VALUES ('2026-01-01Z', 5, 3, 'deleted')"
        )
        #expect(try await fixture.look() == ["DRIFT firing "])
        #expect(try await fixture.look() == [])
    }

    @Test func aFailedDetectorIsAnAlertUntilItIsReset() async throws {
        let fixture = try await Fixture()
        try await fixture.database.execute(
            "INSERT INTO activity.detector_failure (detector, reason) VALUES ('takeover', 'its stored state cannot be read')"
        )
        #expect(try await fixture.look() == ["DETECTOR_FAILED firing takeover"])
        #expect(try await fixture.look() == [])
        #expect(try await AlertCatalog(fixture.database.client, fixture.database.sql).resetDetector("takeover"))
        #expect(try await fixture.look() == ["DETECTOR_FAILED resolved takeover"])
    }

    @Test func manyDaemonsMakeOneAlertOfOneTrouble() async throws {
        let fixture = try await Fixture()
        try await fixture.run("nightly", "failed", minutesAgo: 3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await fixture.look() } }
            try await group.waitForAll()
        }
        _ = try await fixture.look()
        #expect(try await fixture.database.number("SELECT count(*) FROM activity.alert_outbox") == 1)
    }

    private struct Fixture: Sendable {
        let database: ActivityDatabase
        let watch: OperationsWatch

        init(feedPause: Duration? = .seconds(2)) async throws {
            database = try await ActivityDatabase()
            let settings = DetectionSettings()
            watch = OperationsWatch(
                database.client,
                database.sql,
                settings: { settings },
                feedPause: { feedPause },
                begins: Gate(),
                observe: { _ in },
            )
        }

        func run(_ job: String, _ status: String, minutesAgo: Int, reason: String = "") async throws {
            try await database.execute(
                """
                INSERT INTO activity.job_run (job, era, nominal_at, last_nominal_at, trigger, status, reason, finished_at)
                SELECT '\(job)', 1, at, at, 'schedule', '\(status)', '\(reason)', at
                FROM (SELECT now() - interval '\(minutesAgo) minutes' AS at) AS moment
                """
            )
        }

        func look() async throws -> [String] {
            try await watch.look().filter { $0.event != nil }.map { change in
                let subject = change.episode.finding.subject
                let name = subject.job ?? subject.detector ?? ""
                return "\(change.episode.finding.alertType) \(change.event?.rawValue ?? "") \(name)"
            }
        }
    }
}
