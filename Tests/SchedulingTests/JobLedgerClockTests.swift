import PostgresClient
import TestServers
import Testing

@testable import Scheduling

/// What happens when the server's clock is set back.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct JobLedgerClockTests {
    /// 2027-01-15 08:00 UTC.
    private static let eight = PostgresTimestamp(seconds: 1_800_000_000)
    private static let back = "skipped schedule decided before the clock was set back"

    /// Stops the scheduler's clock so long after eight.
    private func set(_ fixture: LedgerFixture, _ after: Duration) async throws {
        let time = "to_timestamp(1800000000) + interval '\(after.microseconds) microseconds'"
        try await fixture.execute(
            """
            CREATE OR REPLACE FUNCTION activity.scheduler_now() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS $$ SELECT \(time) $$
            """
        )
    }

    private func era(_ fixture: LedgerFixture) async throws -> Int {
        try await fixture.database.number("SELECT era FROM activity.scheduler_clock")
    }

    /// Sets the clock back, which a daemon notices.
    private func setBack(_ fixture: LedgerFixture, _ after: Duration, _ job: Job) async throws {
        try await set(fixture, after)
        let progress = try await fixture.progress(of: job)
        #expect(progress.watermark <= Self.eight + after)
    }

    /// Registers a job at eight, and decides its slots until some time after.
    private func start(_ fixture: LedgerFixture, _ job: Job, until: Duration) async throws {
        try await set(fixture, .zero)
        _ = try await fixture.progress(of: job)
        try await decide(fixture, job, at: until)
    }

    /// Sets the clock, decides what is due, and has every run succeed.
    @discardableResult
    private func decide(_ fixture: LedgerFixture, _ job: Job, at moment: Duration) async throws -> [Claim] {
        try await set(fixture, moment)
        let progress = try await fixture.progress(of: job)
        let due = Decisions.all(job, progress, at: Self.eight + moment)
        guard !due.isEmpty else { return [] }
        let claims = try await fixture.ledger().decide(due).claims
        _ = try await fixture.ledger().record(claims.map { Completion($0, .succeeded, at: Self.eight + moment) })
        return claims
    }

    // MARK: Eras

    static let steps: [(Duration, Bool)] = [
        (.seconds(60), false), (.milliseconds(59_500), false), (.seconds(59), false),
        (.microseconds(58_999_999), true),
        (.seconds(-3600), true), (.seconds(86_400), false),
    ]

    @Test(arguments: steps)
    func beginsANewEraWhenTheClockIsSetBackByMoreThanASecond(to: Duration, isNew: Bool) async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            try await start(fixture, job, until: .seconds(60))
            try await set(fixture, to)
            // Looking does not change anything.
            #expect(try await fixture.ledger().sweep().wasSetBack == isNew)
            #expect(try await era(fixture) == 1)
            let progress = try await fixture.progress(of: job)
            #expect(try await era(fixture) == (isNew ? 2 : 1))
            #expect(progress.watermark == Self.eight + (isNew ? to : .seconds(60)))
            #expect(try await fixture.ledger().sweep().wasSetBack == false)
        }
    }

    @Test func beginsOneEraHoweverManyDaemonsNotice() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            try await start(fixture, job, until: .seconds(600))
            try await set(fixture, .zero)
            for owner in ["one", "two", "three"] {
                let position = try await fixture.ledger(owner).register([job], changed: []).position
                #expect(position?.era == 2)
            }
        }
    }

    @Test func aDecisionNoticesTheNewEraItself() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            try await start(fixture, job, until: .seconds(600))
            try await set(fixture, .zero)
            let offer = Decisions.run(job, after: Self.eight + .seconds(600))
            let answer = try await fixture.ledger().decide([offer])
            #expect(answer.position.era == 2)
            #expect(answer.jobs.map(\.hasMoved) == [false])
            #expect(answer.jobs.map(\.watermark) == [Self.eight])
            #expect(answer.claims.isEmpty)
        }
    }

    @Test func aRequestNoticesTheNewEraToo() async throws {
        try await LedgerFixture.use { fixture in
            try await start(fixture, try .idle("* * * * *"), until: .seconds(600))
            try await set(fixture, .zero)
            let id = Int64(try await fixture.database.number("SELECT activity.request_run('idle')"))
            #expect(try await fixture.run(id, "era, status") == "2 queued")
        }
    }

    @Test func reportsHowFarTheClockWasSet() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let ledger = fixture.ledger()
            for (moment, step) in [(0, 0), (3_600, 3_600), (-60, -3_660)] {
                try await set(fixture, .seconds(moment))
                let correction = try #require(try await ledger.register([job], changed: []).position?.clockCorrection)
                // The clock stands still, and ours does not.
                #expect(correction > .seconds(step - 20) && correction < .seconds(step + 20))
            }
        }
    }

    // MARK: Slots of the new era

    @Test func aWildcardJobRunsItsSlotsAgain() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            try await start(fixture, job, until: .seconds(60))
            for minute in 2...3 { try await decide(fixture, job, at: .seconds(60 * minute)) }
            try await setBack(fixture, .seconds(60), job)
            for minute in 2...4 { #expect(try await decide(fixture, job, at: .seconds(60 * minute)).count == 1) }
            let rows = try await fixture.lines(
                "era, status, to_char(nominal_at AT TIME ZONE 'UTC', 'HH24:MI')",
                "FROM activity.job_run ORDER BY era, nominal_at",
            )
            #expect(rows.filter { $0.hasSuffix("08:02") || $0.hasSuffix("08:03") }.count == 4)
            #expect(rows.allSatisfy { $0.contains("succeeded") })
        }
    }

    @Test func aFixedTimeIsNotRunTwice() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("1 8 * * *")
            try await start(fixture, job, until: .seconds(60))
            try await setBack(fixture, .seconds(-3600), job)
            #expect(try await decide(fixture, job, at: .seconds(60)).isEmpty)
            #expect(try await decide(fixture, job, at: .seconds(86_460)).count == 1, "tomorrow's is another")
            let history = try await fixture.database.history(of: "idle")
            #expect(history == ["succeeded schedule", Self.back, "succeeded schedule"])
        }
    }

    @Test func remembersWhatAllEarlierErasHadComeTo() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("1 8 * * *")
            try await start(fixture, job, until: .seconds(60))
            try await decide(fixture, try .idle("* * * * *", "other"), at: .seconds(120))
            for _ in 0..<2 {
                // Back, a decision there, and back again before the slot has come.
                try await decide(fixture, try .idle("* * * * *", "other"), at: .seconds(-7_200))
                try await decide(fixture, try .idle("* * * * *", "other"), at: .seconds(-3_600))
            }
            #expect(try await decide(fixture, job, at: .seconds(60)).isEmpty)
            #expect(try await fixture.database.history(of: "idle") == ["succeeded schedule", Self.back])
        }
    }

    @Test func aFixedTimeThatHadNotComeRuns() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("30 8 * * *")
            try await start(fixture, job, until: .seconds(60))
            try await decide(fixture, try .idle("* * * * *", "other"), at: .zero)
            try await decide(fixture, try .idle("* * * * *", "other"), at: .seconds(600))
            try await setBack(fixture, .seconds(-60), job)
            #expect(try await decide(fixture, job, at: .seconds(1_800)).count == 1)
            #expect(try await fixture.database.history(of: "idle") == ["succeeded schedule"])
        }
    }

    @Test func anotherScheduleHasNoPast() async throws {
        try await LedgerFixture.use { fixture in
            try await start(fixture, try .idle("1 8 * * *"), until: .seconds(60))
            try await set(fixture, .seconds(-3600))
            let changed = try Job.idle("0 8 * * *")
            _ = try await fixture.ledger().register([changed], changed: ["idle"])
            #expect(try await decide(fixture, changed, at: .zero).count == 1)
        }
    }

    // MARK: What went wrong

    @Test func aRetryIsNotSupersededByASlotThatDoesNotRun() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("1 8 * * *") { $0.retries = 1 }
            try await set(fixture, .zero)
            let watermark = try await fixture.progress(of: job).watermark
            try await set(fixture, .seconds(60))
            let claim = try #require(try await fixture.ledger().decide([.run(job, after: watermark)]).claims.first)
            let failed = Completion(
                claim,
                .failed,
                reason: "boom",
                at: Self.eight + .seconds(61),
                pause: .seconds(600),
            )
            _ = try await fixture.ledger().record([failed])
            // Ten minutes back: the slot comes again, and is not run again, for it was decided.
            try await setBack(fixture, .seconds(-540), job)
            try await decide(fixture, job, at: .seconds(60))
            let retry = try await fixture.run(claim.id)
            #expect(retry == "queued schedule boom")
        }
    }

    @Test func aHeldJobStaysHeld() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            try await start(fixture, job, until: .seconds(60))
            try await fixture.execute("SELECT activity.hold_job('idle', true)")
            try await setBack(fixture, .seconds(-3600), job)
            let claims = try await decide(fixture, job, at: .seconds(-3500))
            #expect(claims.isEmpty)
        }
    }

    @Test func aPauseThatIsOverStaysOver() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            try await start(fixture, job, until: .seconds(60))
            try await fixture.execute("SELECT activity.hold_job('idle', true); SELECT activity.hold_job('idle', false)")
            try await decide(fixture, job, at: .seconds(3_600))
            try await setBack(fixture, .seconds(600), job)
            let claims = try await decide(fixture, job, at: .seconds(661))
            #expect(claims.count == 1)
        }
    }
}
