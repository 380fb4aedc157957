import PostgresClient
import TestServers
import Testing

@testable import Scheduling

/// Who decides slots.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct JobLedgerTests {
    // MARK: Registering

    @Test func aNewJobHasNoSlotsBeforeNow() async throws {
        try await LedgerFixture.use { fixture in
            let before = try await fixture.now()
            let job = try Job.idle("* * * * *")
            let (position, progress) = try await fixture.ledger().register([job], changed: [])
            let state = try #require(progress["idle"])
            let after = try await fixture.now()
            #expect(before <= state.watermark && state.watermark <= after)
            #expect(state.pausedAt == nil && state.resumedAt == nil)
            #expect(state.serverStartedAt.isFinite && state.serverStartedAt < before)
            #expect(position?.era == 1)
        }
    }

    @Test func registersNothingWithoutJobs() async throws {
        try await LedgerFixture.use { fixture in
            let (position, progress) = try await fixture.ledger().register([], changed: [])
            #expect(position == nil && progress.isEmpty)
        }
    }

    @Test func keepsTheWatermarkOfAJobThatIsKnown() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job)
            for changed in [[], ["idle"] as Set<String>] {
                let progress = try await fixture.ledger("two").register([job], changed: changed).progress
                #expect(progress["idle"]?.watermark == watermark)
            }
        }
    }

    @Test func replacesADefinitionOnlyWhenAskedTo() async throws {
        try await LedgerFixture.use { fixture in
            let old = try Job.idle("* * * * *")
            let new = try Job.idle("*/2 * * * *")
            let watermark = try await fixture.register(old)
            // Another daemon has it otherwise, and leaves the slots alone.
            let left = try await fixture.ledger("two").register([new], changed: []).progress
            #expect(left["idle"] == nil)
            #expect(try await fixture.progress(of: old).watermark == watermark)
            // Somebody changed it.
            let before = try await fixture.now()
            let replaced = try await fixture.ledger("two").register([new], changed: ["idle"]).progress
            let state = try #require(replaced["idle"])
            #expect(state.watermark >= before, "a changed job has no slots before now")
            #expect(try await fixture.ledger().register([old], changed: []).progress["idle"] == nil)
        }
    }

    // MARK: Deciding

    @Test func theFirstOfTwoDaemonsDecides() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job)
            let decisions = [Decisions.run(job, after: watermark)]
            let first = try await fixture.ledger("one").decide(decisions)
            let second = try await fixture.ledger("two").decide(decisions)
            #expect(first.jobs.map(\.hasMoved) == [true])
            #expect(first.claims.map(\.nominalAt) == [watermark + .seconds(60)])
            #expect(first.claims.map(\.attempt) == [1])
            #expect(first.claims.map(\.trigger) == [.schedule])
            #expect(second.jobs.map(\.hasMoved) == [false])
            #expect(second.jobs.map(\.isCurrent) == [true])
            #expect(second.jobs.map(\.watermark) == [watermark + .seconds(60)])
            #expect(second.claims.isEmpty)
            #expect(try await fixture.database.history(of: "idle") == ["claimed schedule"])
            #expect(try await fixture.lines("owner", "FROM activity.job_run") == ["one"])
        }
    }

    @Test func decidesOfManyJobsThoseThatNobodyElseHas() async throws {
        try await LedgerFixture.use { fixture in
            var decisions: [Decisions] = []
            for name in ["a", "b", "c"] {
                let job = try Job.idle("* * * * *", name)
                decisions.append(.run(job, after: try await fixture.register(job)))
            }
            _ = try await fixture.ledger("two").decide([decisions[1]])
            let answer = try await fixture.ledger("one").decide(decisions)
            let moved = Dictionary(uniqueKeysWithValues: answer.jobs.map { ($0.job, $0.hasMoved) })
            #expect(moved == ["a": true, "b": false, "c": true])
            #expect(Set(answer.claims.map(\.job)) == ["a", "c"])
            #expect(try await fixture.database.number("SELECT count(*) FROM activity.job_run") == 3)
        }
    }

    @Test func givesEachOfManySlotsToOneOfManyDaemons() async throws {
        try await LedgerFixture.use { fixture in
            let jobs = try (0..<200).map { try Job.idle("* * * * *", "job \($0)") { $0.overlap = .allow } }
            _ = try await fixture.ledger().register(jobs, changed: [])
            let rounds = 5
            let start = PostgresTimestamp(seconds: 1_700_000_000)
            try await fixture.execute("UPDATE activity.job_state SET watermark = to_timestamp(1700000000)")
            let claims = try await withThrowingTaskGroup(of: [Claim].self) { group in
                for daemon in 0..<8 {
                    group.addTask {
                        var configuration = fixture.database.configuration
                        configuration.maximumConnections = 1
                        let client = PostgresClient(configuration)
                        let ledger = fixture.ledger("daemon \(daemon)", client)
                        var claims: [Claim] = []
                        for round in 0..<rounds {
                            // In another order each time, so that the daemons meet in the middle.
                            let offer = jobs.shuffled().map {
                                Decisions.run($0, after: start + .seconds(60 * round))
                            }
                            for part in [offer.prefix(70), offer.dropFirst(70)] {
                                claims += try await ledger.decide(Array(part)).claims
                            }
                        }
                        await client.close()
                        return claims
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let slots = jobs.count * rounds
            #expect(claims.count == slots)
            #expect(Set(claims.map(\.id)).count == slots)
            #expect(Set(claims.map { "\($0.job) \($0.nominalAt.microseconds)" }).count == slots)
            #expect(try await fixture.database.number("SELECT count(*) FROM activity.job_run") == slots)
            let undecided = "SELECT count(*) FROM activity.job_state WHERE watermark <> to_timestamp(1700000000 + 300)"
            #expect(try await fixture.database.number(undecided) == 0)
        }
    }

    @Test func takesNoDecisionForTheFuture() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job, ago: .zero)
            let answer = try await fixture.ledger().decide([.run(job, after: watermark, by: .seconds(120))])
            #expect(answer.jobs.map(\.hasMoved) == [false])
            #expect(answer.jobs.map(\.isCurrent) == [true])
            #expect(answer.jobs.map(\.watermark) == [watermark])
            #expect(try await fixture.database.history(of: "idle").isEmpty)
        }
    }

    @Test func takesNoDecisionFromAnotherDefinition() async throws {
        try await LedgerFixture.use { fixture in
            let watermark = try await fixture.register(try .idle("* * * * *"))
            let other = try Job.idle("*/2 * * * *")
            let answer = try await fixture.ledger("two").decide([.run(other, after: watermark)])
            #expect(answer.jobs.map(\.isCurrent) == [false])
            #expect(answer.jobs.map(\.hasMoved) == [false])
            #expect(try await fixture.database.history(of: "idle").isEmpty)
        }
    }

    @Test func knowsNothingOfAJobThatIsNotRegistered() async throws {
        try await LedgerFixture.use { fixture in
            let answer = try await fixture.ledger().decide([
                .run(try .idle("* * * * *"), after: try await fixture.now())
            ])
            #expect(answer.jobs.map(\.watermark) == [nil])
            #expect(answer.jobs.map(\.isCurrent) == [false])
        }
    }

    @Test func notesEachSlotOfADowntime() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job, ago: .seconds(60 * 1_500))
            let now = watermark + .seconds(60 * 1_500) - .seconds(1)
            let progress = JobProgress(watermark: watermark)
            let answer = try await fixture.ledger().decide(Decisions.all(job, progress, at: now))
            #expect(answer.claims.count == 1)
            let missed = "SELECT sum(slots) FROM activity.job_run WHERE status = 'missed'"
            #expect(try await fixture.database.number(missed) == 1_498)
            #expect(try await fixture.database.number("SELECT count(*) FROM activity.job_run") == 1_001)
            let first = try await fixture.lines(
                "slots, reason",
                "FROM activity.job_run ORDER BY nominal_at LIMIT 1",
            )
            #expect(first == ["499 no scheduler was running"])
        }
    }

    @Test func keepsASpanThatNobodyCounted() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job)
            let span = SlotSpan(first: watermark + .seconds(60), last: watermark + .seconds(600), count: nil)
            let slot = Slot(span, .missed, reason: SlotReason.absent)
            _ = try await fixture.ledger().decide([
                Decisions(job: job, after: watermark, until: span.last, slots: [slot])
            ])
            #expect(try await fixture.lines("slots", "FROM activity.job_run") == [""])
        }
    }
}
