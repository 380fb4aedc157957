import PostgresClient
import TestServers
import Testing

@testable import Scheduling

/// What happens at a slot while the run before is under way, and in what order runs wait.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct JobLedgerOverlapTests {
    private func decideNext(_ fixture: LedgerFixture, _ job: Job) async throws -> [Claim] {
        let watermark = try await fixture.progress(of: job).watermark
        return try await fixture.ledger().decide([.run(job, after: watermark)]).claims
    }

    @Test func skipsTheSlotByDefault() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let claim = try await fixture.claim(job)
            #expect(try await decideNext(fixture, job).isEmpty)
            _ = try await fixture.ledger().record([Completion(claim, .succeeded, at: fixture.now())])
            #expect(try await decideNext(fixture, job).count == 1)
            #expect(
                try await fixture.database.history(of: "idle") == [
                    "succeeded schedule", "skipped schedule the run before was still under way", "claimed schedule",
                ]
            )
        }
    }

    @Test func runsBothWhereThatIsAllowed() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *") { $0.overlap = .allow }
            _ = try await fixture.claim(job)
            #expect(try await decideNext(fixture, job).count == 1)
            #expect(try await fixture.database.history(of: "idle") == ["claimed schedule", "claimed schedule"])
        }
    }

    @Test func queuesOneSlotWhichGivesWayToNewerOnes() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *") { $0.overlap = .queue }
            let claim = try await fixture.claim(job)
            for _ in 0..<3 { #expect(try await decideNext(fixture, job).isEmpty) }
            #expect(try await fixture.ledger().startQueued().isEmpty, "the run before is still under way")
            let recorded = try await fixture.ledger().record([Completion(claim, .succeeded, at: fixture.now())])
            #expect(recorded.map(\.hasQueued) == [true])
            let next = try await fixture.ledger("two").startQueued()
            #expect(next.map(\.nominalAt) == [claim.nominalAt + .seconds(180)], "the newest")
            #expect(next.map(\.attempt) == [1])
            #expect(try await fixture.ledger().startQueued().isEmpty)
            #expect(
                try await fixture.database.history(of: "idle") == [
                    "succeeded schedule", "skipped schedule superseded", "skipped schedule superseded",
                    "claimed schedule",
                ]
            )
        }
    }

    @Test func otherJobsAreNobodysOverlap() async throws {
        try await LedgerFixture.use { fixture in
            _ = try await fixture.claim(try .idle("* * * * *", "a"))
            _ = try await fixture.claim(try .idle("* * * * *", "b"))
            #expect(try await fixture.database.history(of: "b") == ["claimed schedule"])
        }
    }

    @Test func catchesUpOneAfterTheOther() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *") { $0.catchUp = .all }
            let watermark = try await fixture.register(job)
            let due = Decisions.all(job, JobProgress(watermark: watermark), at: watermark + .seconds(60 * 5 + 1))
            #expect(try await fixture.ledger().decide(due).claims.isEmpty)
            for slot in 1...5 {
                let claims = try await fixture.ledger("daemon \(slot)").startQueued()
                let claim = try #require(claims.first)
                #expect(claims.count == 1)
                #expect(claim.nominalAt == watermark + .seconds(60 * slot))
                #expect(claim.trigger == .catchUp)
                #expect(try await fixture.ledger().startQueued().isEmpty, "one at a time")
                let done = Completion(claim, .succeeded, at: try await fixture.now())
                let recorded = try await fixture.ledger("daemon \(slot)").record([done])
                #expect(recorded.map(\.hasQueued) == [slot < 5])
            }
            let history = try await fixture.database.history(of: "idle")
            #expect(history == Array(repeating: "succeeded catch-up", count: 5))
        }
    }

    @Test func aSlotOnTimeDoesNotOvertakeWhatIsToBeCaughtUp() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *") { policy in
                policy.catchUp = .all
                policy.overlap = .queue
            }
            let watermark = try await fixture.register(job)
            let due = Decisions.all(job, JobProgress(watermark: watermark), at: watermark + .seconds(121))
            _ = try await fixture.ledger().decide(due)
            #expect(try await decideNext(fixture, job).isEmpty)
            #expect(
                try await fixture.database.history(of: "idle")
                    == ["queued catch-up", "queued catch-up", "queued schedule"]
            )
        }
    }

    @Test func aRequestedRunWaitsForTheOneUnderWay() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            let id = try await fixture.database.number("SELECT activity.request_run('idle')")
            #expect(try await fixture.ledger().startQueued().isEmpty)
            _ = try await fixture.ledger().record([Completion(claim, .succeeded, at: fixture.now())])
            let claims = try await fixture.ledger("two").startQueued()
            #expect(claims.map(\.id) == [Int64(id)])
            #expect(claims.map(\.trigger) == [.manual])
        }
    }

    @Test func aRequestedRunIsNotSuperseded() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *") { $0.overlap = .queue }
            _ = try await fixture.claim(job)
            _ = try await fixture.database.number("SELECT activity.request_run('idle')")
            for _ in 0..<2 { _ = try await decideNext(fixture, job) }
            let waiting = try await fixture.lines(
                "trigger",
                "FROM activity.job_run WHERE status = 'queued' ORDER BY trigger",
            )
            #expect(waiting == ["manual", "schedule"])
        }
    }

    @Test func runsThatWereAskedForAreEachDone() async throws {
        try await LedgerFixture.use { fixture in
            for _ in 0..<3 { _ = try await fixture.database.number("SELECT activity.request_run('by hand')") }
            var ids: [Int64] = []
            while let claim = try await fixture.ledger().startQueued().first {
                ids.append(claim.id)
                _ = try await fixture.ledger().record([Completion(claim, .succeeded, at: fixture.now())])
            }
            #expect(ids.count == 3 && ids == ids.sorted())
        }
    }

    // MARK: What went wrong

    @Test func aSlotThatDoesNotRunSupersedesNothing() async throws {
        try await LedgerFixture.use { fixture in
            // A retry waits while somebody's manual run goes on; then comes a slot, which is skipped for that run.
            let job = try Job.idle("* * * * *") { $0.retries = 1 }
            let claim = try await fixture.claim(job)
            _ = try await fixture.database.number("SELECT activity.request_run('idle')")
            let now = try await fixture.now()
            let failed = Completion(claim, .failed, reason: "boom", at: now, pause: .seconds(300))
            _ = try await fixture.ledger().record([failed])
            #expect(try await fixture.ledger().startQueued().map(\.trigger) == [.manual])
            #expect(try await decideNext(fixture, job).isEmpty)
            let retry = try await fixture.run(claim.id)
            #expect(retry == "queued schedule boom")
        }
    }
}
