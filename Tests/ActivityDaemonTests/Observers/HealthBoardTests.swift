import Activity
import Detection
import Endpoint
import PostgresClient
import RedisClient
import Scheduling
import Testing

@testable import ActivityDaemon
@testable import Pipeline

struct HealthBoardTests {
    private static let batch = Feed.Batch(rows: 5, totalRows: 50, lastID: 50, newestID: 100, gaps: 0, hasMore: true)
    private static let refresh = PipelineObservation.Refresh(
        generation: Generation(number: 3, fence: 1, computedAt: Timestamp(microseconds: 0)),
        dataThrough: nil,
        documents: 40,
        facts: 9,
        load: .milliseconds(2),
        render: .milliseconds(3),
    )

    private static let backlog = AlertBacklog(
        count: 7,
        age: .seconds(90),
        unnumbered: 7,
        position: AlertPosition(numbered: 12, delivered: 12),
    )

    private struct Failure: Error, CustomStringConvertible {
        let description = "the server is on fire"
    }

    @Test func beginsWithEverythingStarting() {
        let board = HealthBoard()
        #expect(board.report().components.allSatisfy { $0.status == .starting })
        #expect(!board.hasTriedStores)
        #expect(board.statusLine == "starting")
    }

    @Test func showsTheProgressOfTheFirstRun() {
        let board = HealthBoard()
        board.record(.fed(Self.batch, duration: .milliseconds(20)))
        #expect(board.statusLine == "first run: 50 rows fed, 50 % of ids")
    }

    @Test func showsWhatTheServerIsLongAbout() {
        let board = HealthBoard()
        let vacuum = ServerProgress(command: "VACUUM", subject: "activity.fact", phase: "scanning heap", share: 0.347)
        board.record(.progress(vacuum))
        #expect(board.statusLine == "starting; VACUUM of activity.fact: scanning heap, 34 %")
        board.record(.progress(nil))
        #expect(board.statusLine == "starting")
    }

    @Test func isHealthyOnceEveryPartWorks() {
        let board = HealthBoard()
        board.record(.fed(Self.batch, duration: .milliseconds(20)))
        board.record(.caughtUp(totalRows: 50))
        board.record(.refreshed(Self.refresh))
        board.record(.published(.published(documents: 40, evicted: false), duration: .milliseconds(1)))
        board.record(SchedulerObservation.loaded(jobs: 8))
        #expect(board.hasTriedStores)
        #expect(board.report().message == "Activity service is healthy")
        #expect(board.statusLine == "50 rows fed, 50 ids behind, 40 documents")
    }

    /// The connection is well all the time.
    @Test func callsRedisDownForAsLongAsItRefusesWhatIsPublished() {
        let board = HealthBoard()
        func status() -> HealthReport.Status? { board.report().components.first { $0.name == "redis" }?.status }
        board.record(.connected(since: .now))
        #expect(status() == .up)
        board.record(.publishFailed(RedisError(code: .server(prefix: "MISCONF"), message: "MISCONF")))
        board.record(.connected(since: .now))
        #expect(status() == .down)
        board.record(.published(.published(documents: 40, evicted: false), duration: .milliseconds(1)))
        #expect(status() == .up)
        board.record(.publishFailed(RedisError(code: .connectionLost, message: "reset")))
        board.record(.connected(since: .now))
        #expect(status() == .up)
    }

    @Test(arguments: PostgresError.Code.allCases)
    func losesPostgreSQLOnlyWhenItIsOutOfReach(_ code: PostgresError.Code) {
        let board = HealthBoard()
        board.record(.feedFailed(PostgresError(code, "")))
        let lost = board.storeTroubles.contains { $0.store == "postgres" && $0.trouble != nil }
        #expect(lost == [.connectionFailed, .connectionLost, .timedOut].contains(code))
    }

    @Test func saysWhatAPersonWantsToKnow() throws {
        let board = HealthBoard()
        var batch = Self.batch
        (batch.totalRows, batch.lastID, batch.newestID) = (1_234_567, 2_000_100, 2_000_100)
        board.record(.fed(batch, duration: .milliseconds(20)))
        board.record(.caughtUp(totalRows: 1_234_567))
        board.record(.refreshed(Self.refresh))
        board.record(.planned(next: PlannedSlot(job: "reconcile", at: PostgresTimestamp(microseconds: 3_600_000_000))))
        #expect(
            board.statusLine == "1,234,567 rows fed, no lag, 40 documents; next reconcile at 1970-01-01 01:00 UTC"
        )
        board.record(refusal: "1 problem")
        #expect(board.statusLine.hasPrefix("new configuration refused, the old one is kept: 1 problem; 1,234,567"))
        board.record(refusal: nil)
        board.record(.planned(next: nil))
        #expect(board.statusLine == "1,234,567 rows fed, no lag, 40 documents")
    }

    @Test func namesTheLastAlertThatFired() throws {
        let board = HealthBoard()
        let finding = Finding(
            rule: Finding.Rule(name: "volume", version: 1),
            alertType: "VOLUME_SPIKE",
            severity: .high,
            subject: Finding.Subject(ip: "10.0.0.7"),
            at: Timestamp(microseconds: 0),
            window: Timestamp(microseconds: 0)...Timestamp(microseconds: 0),
            observed: 9,
            threshold: 3,
            score: 6,
            reason: "9 events",
            count: 9,
        )
        var lifecycle = AlertLifecycle(DetectionSettings().lifecycle)
        let absorbed = lifecycle.absorb(finding, of: "f", at: Timestamp(microseconds: 0))
        var change = try #require(absorbed)
        change.event = .resolved
        board.record(.detected(DetectionOutcome(alerts: [change])))
        #expect(board.statusLine == "starting")
        change.event = .firing
        board.record(.detected(DetectionOutcome(alerts: [change])))
        #expect(board.statusLine.hasPrefix("starting; last alert VOLUME_SPIKE of "))
        #expect(board.statusLine.hasSuffix("10.0.0.7 at 1970-01-01 00:00 UTC"))
    }

    @Test func saysWhatIsDownAndThatItIsUpAgain() {
        let board = HealthBoard()
        board.record(.feedFailed(Failure()))
        board.record(.disconnected(lastError: RedisError(code: .connectionFailed, message: "refused")))
        #expect(board.statusLine.contains("feed down, retrying: the server is on fire"))
        #expect(board.statusLine.contains("redis down"))
        board.record(.fed(Self.batch, duration: .milliseconds(20)))
        board.record(.connected(since: .now))
        #expect(!board.statusLine.contains("down"))
    }

    @Test func tellsReadersWhatKindOfTroubleItIsAndNothingOfTheInside() {
        let socket = "connection to server on socket \"/run/pg/.s.PGSQL.5432\" failed: role \"inner\" does not exist"
        let board = HealthBoard()
        board.record(.feedFailed(PostgresError(.connectionFailed, socket)))
        board.record(.refreshFailed(PostgresError(.server, "permission denied for table inner")))
        board.record(.publishFailed(RedisError(code: .timedOut, message: "inner.example.com:6379 is silent")))
        board.record(.relayFailed(RedisError(code: .server(prefix: "NOPERM"), message: "inner"), backlog: nil))
        board.record(.replicaPassedOver(Failure()))
        board.record(.interrupted(PostgresError(.connectionFailed, socket), retryAfter: .zero))
        let details = board.report().components.map { ($0.name, $0.detail) }
        #expect(
            Dictionary(uniqueKeysWithValues: details) == [
                "postgres": "PostgreSQL cannot be reached",
                "redis": "Redis did not answer in time",
                "feed": "PostgreSQL cannot be reached",
                "precompute": "PostgreSQL refused what was asked; the daemon's log says why",
                "scheduler": "PostgreSQL cannot be reached",
                "reconcile": nil,
                "alerts": "Redis refused what was asked; the daemon's log says why",
                "replica": "failed; the daemon's log says why",
            ]
        )
        #expect(board.statusLine.contains(socket))
    }

    @Test func keepsTheLastBatchThatHadRows() {
        let board = HealthBoard()
        board.record(.fed(Self.batch, duration: .milliseconds(20)))
        var empty = Self.batch
        empty.rows = 0
        empty.lastID = 60
        board.record(.fed(empty, duration: .milliseconds(1)))
        let feed = board.report().components.first { $0.name == "feed" }
        #expect(feed?.details.first { $0.name == "lastID" }?.value == .integer(60))
        #expect(feed?.details.first { $0.name == "lastBatch" }?.value == ["rows": 5, "seconds": 0.02])
    }

    @Test func showsWhatReconcilingHasFoundSoFar() {
        let board = HealthBoard()
        let hour = Timestamp(microseconds: 3_600_000_000)
        board.record(.reconciled(hours: 12, drifted: [Drift(hour: hour, before: 9, after: 8, cause: .deleted)]))
        board.record(.reconciled(hours: 12, drifted: []))
        #expect(detail(board, "reconcile", "checkedHours") == 24)
        #expect(detail(board, "reconcile", "driftedHours") == 1)
        #expect(
            detail(board, "reconcile", "lastDrift") == ["hour": "1970-01-01T01:00:00Z", "cause": "deleted"]
        )
    }

    @Test func showsTheReplicaWhereThereIsOne() {
        let board = HealthBoard()
        #expect(!board.report().components.contains { $0.name == "replica" })
        board.record(.replicaPassedOver(ReplicaError.behind(batches: 3)))
        #expect(detail(board, "replica", "missingBatches") == 3)
        #expect(board.report().components.first { $0.name == "replica" }?.status == .down)
        board.record(.replicaRead)
        #expect(detail(board, "replica", "missingBatches") == 0)
        #expect(board.report().components.first { $0.name == "replica" }?.status == .up)
    }

    @Test func showsHowManyAlertsWait() {
        let board = HealthBoard()
        let part = { board.report().components.first { $0.name == "alerts" } }
        board.record(.relayFailed(Failure(), backlog: Self.backlog))
        #expect(part()?.status == .down)
        #expect(part()?.detail == "failed; the daemon's log says why")
        #expect(detail(board, "alerts", "pending") == 7)
        #expect(detail(board, "alerts", "lagSeconds") == 90.0)
        #expect(detail(board, "alerts", "lastSequence") == .null)
        board.record(.relayed(RelayProgress(events: 5, lastSequence: 12, pending: 2, lag: .seconds(91))))
        #expect(part()?.status == .up)
        #expect(detail(board, "alerts", "pending") == 2)
        board.record(.relayIdle(lastSequence: 14))
        #expect(detail(board, "alerts", "lastSequence") == 14)
        #expect(detail(board, "alerts", "pending") == 0)
        #expect(detail(board, "alerts", "lagSeconds") == 0.0)
    }

    private func detail(_ board: HealthBoard, _ component: String, _ name: String) -> JSONValue? {
        board.report().components.first { $0.name == component }?.details.first { $0.name == name }?.value
    }
}
