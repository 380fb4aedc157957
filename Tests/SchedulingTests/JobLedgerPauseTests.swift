import PostgresClient
import TestServers
import Testing

@testable import Scheduling

/// Jobs that do not run because somebody wants that.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct JobLedgerPauseTests {
    /// Decides what a job's slots are, from how far it has come, and returns the claims.
    private func decide(_ fixture: LedgerFixture, _ job: Job, at now: PostgresTimestamp) async throws -> [Claim] {
        let progress = try await fixture.progress(of: job)
        return try await fixture.ledger().decide(Decisions.all(job, progress, at: now)).claims
    }

    /// Sets since when a job is paused, and until when it was.
    private func pause(
        _ fixture: LedgerFixture,
        from: PostgresTimestamp,
        to: PostgresTimestamp? = nil,
    ) async throws {
        func seconds(_ time: PostgresTimestamp) -> Int64 { time.microseconds / 1_000_000 }
        try await fixture.execute(
            """
            UPDATE activity.job_state SET paused_at = to_timestamp(\(seconds(from))), is_held = \(to == nil),
                resumed_at = \(to.map { "to_timestamp(\(seconds($0)))" } ?? "NULL")
            """
        )
    }

    private func spans(_ fixture: LedgerFixture) async throws -> [String] {
        try await fixture.lines(
            "status, reason, slots",
            "FROM activity.job_run WHERE trigger <> 'manual' ORDER BY nominal_at",
        )
    }

    // MARK: Noting a pause

    @Test func aJobThatIsNotActiveIsPausedFromNowOn() async throws {
        try await LedgerFixture.use { fixture in
            let before = try await fixture.now()
            let paused = try await fixture.progress(of: try .idle("* * * * *", isActive: false))
            let pausedAt = try #require(paused.pausedAt)
            #expect(pausedAt >= before && paused.resumedAt == nil)
            // Said again it is the same pause.
            #expect(try await fixture.progress(of: .idle("* * * * *", isActive: false)).pausedAt == pausedAt)
            let resumed = try await fixture.progress(of: try .idle("* * * * *"))
            #expect(resumed.pausedAt == pausedAt)
            let resumedAt = try #require(resumed.resumedAt)
            #expect(resumedAt > pausedAt)
            #expect(try await fixture.progress(of: .idle("* * * * *")).resumedAt == resumedAt)
        }
    }

    @Test func aJobCanBeHeldWhateverItsDefinitionSays() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            #expect(try await fixture.progress(of: job).pausedAt == nil)
            let hold = { (held: Bool) in
                let call = "SELECT activity.hold_job('idle', \(held))"
                return try await fixture.database.client.query(call).value(0, 0, as: Bool.self)
            }
            #expect(try await hold(true))
            let held = try await fixture.progress(of: job)
            #expect(held.pausedAt != nil && held.resumedAt == nil)
            #expect(try await hold(true), "once more changes nothing")
            #expect(try await fixture.progress(of: job) == held)
            #expect(try await hold(false))
            let released = try await fixture.progress(of: job)
            #expect(released.pausedAt == held.pausedAt && released.resumedAt != nil)
        }
    }

    @Test func aJobThatIsNotActiveStaysPausedWhenItIsReleased() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *", isActive: false)
            let paused = try await fixture.progress(of: job)
            try await fixture.execute("SELECT activity.hold_job('idle', true); SELECT activity.hold_job('idle', false)")
            #expect(try await fixture.progress(of: job) == paused)
        }
    }

    @Test func noUnknownJobIsHeld() async throws {
        try await LedgerFixture.use { fixture in
            let answer = try await fixture.database.number("SELECT activity.hold_job('nobody', true)::integer")
            #expect(answer == 0)
        }
    }

    @Test func holdingTellsTheDaemons() async throws {
        try await LedgerFixture.use { fixture in
            _ = try await fixture.progress(of: try .idle("* * * * *"))
            var notifications = fixture.database.client.listen(to: ["activityd_jobs"]).makeAsyncIterator()
            #expect(try await notifications.next() == .connected)
            for (call, payload) in [
                ("hold_job('idle', true)", ""), ("request_run('idle')", "run"), ("request_cancel('idle')", "cancel"),
            ] {
                try await fixture.execute("SELECT activity.\(call)")
                #expect(try await notifications.next() == .notification(channel: "activityd_jobs", payload: payload))
            }
        }
    }

    // MARK: The history of a pause

    @Test func aPauseIsOneRowThatGrows() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job)
            try await pause(fixture, from: watermark)
            for minutes in [1, 10, 11, 30] {
                #expect(try await decide(fixture, job, at: watermark + .seconds(60 * minutes + 5)).isEmpty)
                #expect(try await spans(fixture) == ["skipped paused \(minutes)"])
            }
            let ends = """
                SELECT count(*) FROM activity.job_run JOIN activity.job_state USING (job)
                WHERE last_nominal_at = watermark AND nominal_at = watermark - interval '29 minutes'
                """
            #expect(try await fixture.database.number(ends) == 1)
        }
    }

    @Test func aRunByHandDoesNotBreakThePause() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job)
            try await pause(fixture, from: watermark)
            _ = try await decide(fixture, job, at: watermark + .seconds(61))
            _ = try await fixture.database.number("SELECT activity.request_run('idle')")
            #expect(try await fixture.ledger().startQueued().count == 1, "a paused job runs when somebody asks")
            _ = try await decide(fixture, job, at: watermark + .seconds(301))
            #expect(try await spans(fixture) == ["skipped paused 5"])
        }
    }

    @Test func runsAgainAfterThePause() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job)
            try await pause(fixture, from: watermark, to: watermark + .seconds(150))
            _ = try await decide(fixture, job, at: watermark + .seconds(61))
            let claims = try await decide(fixture, job, at: watermark + .seconds(181))
            #expect(claims.map(\.nominalAt) == [watermark + .seconds(180)])
            #expect(try await spans(fixture) == ["skipped paused 2", "claimed 1"])
        }
    }

    @Test func eachPauseHasARow() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job)
            try await pause(fixture, from: watermark, to: watermark + .seconds(120))
            _ = try await decide(fixture, job, at: watermark + .seconds(181))
            try await pause(fixture, from: watermark + .seconds(181))
            _ = try await decide(fixture, job, at: watermark + .seconds(301))
            _ = try await decide(fixture, job, at: watermark + .seconds(361))
            #expect(try await spans(fixture) == ["skipped paused 2", "claimed 1", "skipped paused 3"])
        }
    }

    @Test func twoDaemonsCountPausedSlotsOnce() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job)
            try await pause(fixture, from: watermark)
            _ = try await decide(fixture, job, at: watermark + .seconds(61))
            let progress = try await fixture.progress(of: job)
            let due = Decisions.all(job, progress, at: watermark + .seconds(301))
            for owner in ["one", "two"] { _ = try await fixture.ledger(owner).decide(due) }
            #expect(try await spans(fixture) == ["skipped paused 5"])
        }
    }

    // MARK: What went wrong

    @Test func aPauseOfMoreSlotsThanHaveRowsIsOneRow() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job, ago: .seconds(60 * 5_000))
            try await pause(fixture, from: watermark)
            _ = try await decide(fixture, job, at: watermark + .seconds(61))
            for minutes in [2_500, 4_990] {
                _ = try await decide(fixture, job, at: watermark + .seconds(60 * minutes + 5))
            }
            #expect(try await fixture.database.number("SELECT sum(slots) FROM activity.job_run") == 4_990)
            let rows = try await spans(fixture)
            #expect(rows == ["skipped paused 4990"])
        }
    }

    @Test func aPauseDoesNotGrowOverSlotsThatWereNotPaused() async throws {
        try await LedgerFixture.use { fixture in
            let job = try Job.idle("* * * * *")
            let watermark = try await fixture.register(job)
            try await pause(fixture, from: watermark)
            _ = try await decide(fixture, job, at: watermark + .seconds(121))
            // Resumed and paused again while no daemon was there, with a slot in between.
            try await pause(fixture, from: watermark + .seconds(181))
            _ = try await decide(fixture, job, at: watermark + .seconds(301))
            let rows = try await spans(fixture)
            #expect(rows == ["skipped paused 2", "claimed 1", "skipped paused 2"])
        }
    }
}
