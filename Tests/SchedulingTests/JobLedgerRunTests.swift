import PostgresClient
import TestServers
import Testing

@testable import Scheduling

/// What happens to runs after they were claimed.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct JobLedgerRunTests {
    private func record(_ fixture: LedgerFixture, _ completion: Completion, by owner: String = "one") async throws
        -> [JobLedger.Recorded]
    {
        try await fixture.ledger(owner).record([completion])
    }

    private func sign(_ claim: Claim, startedAt: PostgresTimestamp? = nil, processID: Int32? = nil) -> ActiveRuns.Sign {
        ActiveRuns.Sign(claim: claim, startedAt: startedAt, processID: processID)
    }

    // MARK: Ends

    @Test(arguments: RunOutcome.Status.allCases)
    func recordsHowARunEnded(status: RunOutcome.Status) async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            let startedAt = PostgresTimestamp(microseconds: 1_800_000_000_000_001)
            let outcome = RunOutcome(status, reason: "why", result: "SELECT\0 1")
            let completion = Completion(
                claim: claim,
                outcome: outcome,
                startedAt: startedAt,
                finishedAt: startedAt + .microseconds(999_999),
                processID: 4711,
                pause: .seconds(1),
            )
            let recorded = try await record(fixture, completion)
            #expect(recorded.map(\.id) == [claim.id])
            #expect(recorded.map(\.retryAt) == [nil])
            #expect(recorded.map(\.hasQueued) == [false])
            let row = try await fixture.run(
                claim.id,
                """
                status, reason, result, pid, attempt, (extract(epoch FROM started_at) * 1000000)::bigint,
                (extract(epoch FROM finished_at) * 1000000)::bigint
                """,
            )
            #expect(row == "\(status) why SELECT\u{FFFD} 1 4711 1 1800000000000001 1800000001000000")
        }
    }

    @Test func recordsAnEndWithoutAStart() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            var completion = Completion(claim, .canceled, at: try await fixture.now())
            completion.startedAt = nil
            completion.processID = nil
            _ = try await record(fixture, completion)
            #expect(try await fixture.run(claim.id, "status, started_at, pid, reason, result") == "canceled")
        }
    }

    @Test func recordsManyEndsInOneCall() async throws {
        try await LedgerFixture.use { fixture in
            var claims: [Claim] = []
            for name in ["a", "b", "c"] { claims.append(try await fixture.claim(.idle("* * * * *", name))) }
            let now = try await fixture.now()
            let statuses: [RunOutcome.Status] = [.succeeded, .failed, .skipped]
            let completions = zip(claims, statuses).map { Completion($0, $1, reason: "\($1)!", at: now) }
            #expect(Set(try await fixture.ledger().record(completions).map(\.id)) == Set(claims.map(\.id)))
            #expect(
                try await fixture.lines("job, status, reason", "FROM activity.job_run ORDER BY job")
                    == ["a succeeded succeeded!", "b failed failed!", "c skipped skipped!"]
            )
            #expect(try await fixture.ledger().record([]).isEmpty)
        }
    }

    // MARK: Retries

    @Test func triesAgainAsOftenAsItMay() async throws {
        try await LedgerFixture.use { fixture in
            var claim = try await fixture.claim(try .idle("* * * * *") { $0.retries = 2 })
            for attempt in 1...3 {
                #expect(claim.attempt == Int32(attempt))
                let finishedAt = try await fixture.now() - .seconds(10)
                let failed = Completion(claim, .failed, reason: "boom \(attempt)", at: finishedAt, pause: .seconds(2))
                let recorded = try await record(fixture, failed)
                let isLast = attempt == 3
                #expect(recorded.map(\.retryAt) == [isLast ? nil : finishedAt + .seconds(2)])
                #expect(recorded.map(\.hasQueued) == [false], "no other run waits")
                #expect(try await fixture.run(claim.id) == "\(isLast ? "failed" : "queued") schedule boom \(attempt)")
                #expect(try await fixture.run(claim.id, "finished_at IS NULL") == (isLast ? "f" : "t"))
                guard !isLast else { break }
                let again = try #require(try await fixture.ledger().startQueued().first)
                #expect(again.id == claim.id && again.nominalAt == claim.nominalAt && again.trigger == .schedule)
                claim = again
            }
            #expect(try await fixture.ledger().startQueued().isEmpty)
        }
    }

    @Test func doesNotTryAgainBeforeItsTime() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *") { $0.retries = 1 })
            let failed = Completion(claim, .failed, at: try await fixture.now(), pause: .seconds(1_800))
            _ = try await record(fixture, failed)
            #expect(try await fixture.ledger().startQueued().isEmpty)
            #expect(try await fixture.ledger().sweep().hasQueued == false)
            try await fixture.database.stepClock(by: .seconds(1_801))
            #expect(try await fixture.ledger().sweep().hasQueued)
            #expect(try await fixture.ledger().startQueued().map(\.attempt) == [2])
        }
    }

    @Test func anotherDaemonMayTryAgain() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *") { $0.retries = 1 })
            _ = try await record(fixture, Completion(claim, .failed, at: fixture.now()))
            let again = try #require(try await fixture.ledger("two").startQueued().first)
            #expect(try await fixture.run(claim.id, "owner, attempt, status") == "two 2 claimed")
            let done = try await record(fixture, Completion(again, .succeeded, at: fixture.now()), by: "two")
            #expect(done.map(\.id) == [claim.id])
            #expect(try await fixture.run(claim.id) == "succeeded schedule")
        }
    }

    @Test(arguments: [RunOutcome.Status.succeeded, .canceled, .skipped])
    func triesOnlyFailuresAgain(status: RunOutcome.Status) async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *") { $0.retries = 5 })
            _ = try await record(fixture, Completion(claim, status, at: fixture.now()))
            #expect(try await fixture.run(claim.id, "status") == "\(status)")
        }
    }

    @Test func aNewSlotTakesThePlaceOfARetry() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *") { $0.retries = 5 }
            let claim = try await fixture.claim(job)
            _ = try await record(fixture, Completion(claim, .failed, at: fixture.now(), pause: .seconds(600)))
            let answer = try await fixture.ledger().decide([.run(job, after: claim.nominalAt)])
            #expect(answer.claims.count == 1)
            #expect(try await fixture.run(claim.id) == "failed schedule superseded")
        }
    }

    // MARK: Fencing

    @Test func anEndFromSomebodyElseChangesNothing() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            let completion = Completion(claim, .succeeded, at: try await fixture.now())
            #expect(try await record(fixture, completion, by: "two").isEmpty)
            #expect(try await fixture.run(claim.id) == "claimed schedule")
        }
    }

    @Test func anEndOfAnEarlierAttemptChangesNothing() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *") { $0.retries = 1 })
            _ = try await record(fixture, Completion(claim, .failed, at: fixture.now()))
            _ = try await fixture.ledger().startQueued()
            // The same daemon has it again; what it says late about its first attempt does not count.
            #expect(try await record(fixture, Completion(claim, .succeeded, at: fixture.now())).isEmpty)
            #expect(try await fixture.run(claim.id, "status, attempt") == "claimed 2")
        }
    }

    /// A crash of the server may lose a claim and give its number to another run.
    @Test func anEndOfARunThatTheServerForgotChangesNothing() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            var forgotten = [claim, claim]
            forgotten[0].job = "another"
            forgotten[1].nominalAt = claim.nominalAt - .seconds(60)
            for claim in forgotten {
                #expect(try await record(fixture, Completion(claim, .succeeded, at: fixture.now())).isEmpty)
            }
            #expect(try await fixture.run(claim.id) == "claimed schedule")
        }
    }

    @Test func anEndCountsOnce() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            let now = try await fixture.now()
            #expect(try await record(fixture, Completion(claim, .succeeded, at: now)).count == 1)
            #expect(try await record(fixture, Completion(claim, .failed, at: now)).isEmpty)
            #expect(try await fixture.run(claim.id) == "succeeded schedule")
        }
    }

    // MARK: Signs of life

    @Test func aSignTellsTheStartAndCountsTheHeartbeat() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            #expect(try await fixture.ledger().renew([sign(claim)]) == [claim.id: false])
            #expect(try await fixture.run(claim.id, "status, heartbeat, pid") == "claimed 1")
            let started = sign(claim, startedAt: try await fixture.now(), processID: 42)
            #expect(try await fixture.ledger().renew([started]) == [claim.id: false])
            #expect(try await fixture.run(claim.id, "status, heartbeat, pid") == "running 2 42")
        }
    }

    @Test func aSignOfARunThatWasLostHasNoAnswer() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            #expect(try await fixture.ledger("two").renew([sign(claim)]).isEmpty)
            var later = claim
            later.attempt = 2
            #expect(try await fixture.ledger().renew([sign(later)]).isEmpty)
            _ = try await record(fixture, Completion(claim, .succeeded, at: fixture.now()))
            #expect(try await fixture.ledger().renew([sign(claim)]).isEmpty)
        }
    }

    @Test func aSweepSeesTheRunsOfOthers() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            _ = try await fixture.ledger().renew([sign(claim)])
            #expect(try await fixture.ledger().sweep().foreignRuns.isEmpty)
            let seen = try await fixture.ledger("two").sweep()
            #expect(seen.foreignRuns == [JobLedger.ForeignRun(id: claim.id, heartbeat: 1)])
            #expect(!seen.wasSetBack && !seen.hasQueued)
        }
    }

    // MARK: Cancelling

    @Test func aRequestMarksWhatIsUnderWayAndEndsWhatWaits() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            let other = try await fixture.claim(try .idle("* * * * *", "other"))
            let waiting = Int64(try await fixture.database.number("SELECT activity.request_run('idle')"))
            #expect(try await fixture.database.number("SELECT activity.request_cancel('idle')") == 2)
            #expect(try await fixture.run(waiting, "status, finished_at IS NOT NULL") == "canceled t")
            #expect(try await fixture.run(claim.id, "status, finished_at IS NOT NULL") == "claimed f")
            let wanted = try await fixture.ledger().renew([sign(claim), sign(other)])
            #expect(wanted == [claim.id: true, other.id: false])
            _ = try await record(fixture, Completion(claim, .canceled, at: fixture.now()))
            #expect(try await fixture.database.number("SELECT activity.request_cancel('idle')") == 0)
            #expect(try await fixture.ledger().startQueued().isEmpty)
        }
    }

    @Test func aRequestEndsARetryThatWaits() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *") { $0.retries = 3 })
            _ = try await record(fixture, Completion(claim, .failed, at: fixture.now(), pause: .seconds(60)))
            #expect(try await fixture.database.number("SELECT activity.request_cancel('idle')") == 1)
            #expect(try await fixture.run(claim.id, "status") == "canceled")
        }
    }
}
