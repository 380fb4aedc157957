import Cron
import PostgresClient
import Testing

@testable import Scheduling

/// When slots are due.
struct TimetableTests {
    private static let start = PostgresTimestamp(seconds: 1_800_000_000)

    // MARK: No drift

    @Test(arguments: ["1 second", "7 seconds", "* * * * *", "*/15 * * * *", "30 2 * * *", "*/20 * * * * *"])
    func computesEachSlotFromTheOneBefore(schedule: String) throws {
        var generator = SystemRandomNumberGenerator()
        let job = try Job.idle(schedule)
        var timetable = Timetable(job, JobProgress(watermark: Self.start))
        var nominal = NominalTime(flooring: Self.start)
        for _ in 0..<3_000 {
            nominal = try #require(job.schedule.next(after: nominal, in: .utc))
            let due = PostgresTimestamp(nominal)
            #expect(timetable.nextDue == due)
            // However late it is done, short of the next slot.
            let following = PostgresTimestamp(try #require(job.schedule.next(after: nominal, in: .utc)))
            let room = min((following - due).microseconds, 60_000_000)
            let late = Duration.microseconds(Int64.random(in: 0..<room, using: &generator))
            let decisions = timetable.decisions(at: due + late)
            #expect(decisions.flatMap(\.slots) == [Slot(due, .run)])
            timetable.move(job.name, to: due)
        }
    }

    @Test func decidesNothingBeforeItsTime() throws {
        let timetable = Timetable(try Job.idle("0 * * * *"), JobProgress(watermark: Self.start))
        let due = try #require(timetable.nextDue)
        #expect(timetable.decisions(at: due - .microseconds(1)).isEmpty)
        #expect(timetable.decisions(at: due).count == 1)
        #expect(timetable.decisions(at: .negativeInfinity).isEmpty)
    }

    @Test func countsFromAWatermarkBetweenTwoSeconds() throws {
        let watermark = Self.start + .microseconds(999_999)
        let timetable = Timetable(try Job.idle("1 second"), JobProgress(watermark: watermark))
        #expect(timetable.nextDue == Self.start + .seconds(1))
    }

    // MARK: Several jobs

    @Test func isDueWhenTheFirstJobIs() throws {
        var timetable = Timetable()
        #expect(timetable.nextDue == nil)
        for schedule in ["0 * * * *", "30 seconds", "0 0 1 1 *"] {
            timetable.set(try .idle(schedule, schedule), JobProgress(watermark: Self.start))
        }
        #expect(timetable.count == 3)
        #expect(timetable.nextDue == Self.start + .seconds(30))
        timetable.remove("30 seconds")
        #expect(timetable.nextDue == Self.start + .seconds(3600))
        #expect(timetable.job("30 seconds") == nil)
        #expect(timetable.job("0 * * * *")?.schedule.text == "0 * * * *")
    }

    @Test func decidesInOrderOfTimeThenName() throws {
        var timetable = Timetable()
        for (name, schedule) in [("c", "1 second"), ("a", "2 seconds"), ("b", "1 second"), ("d", "3600")].dropLast() {
            timetable.set(try .idle(schedule, name), JobProgress(watermark: Self.start))
        }
        #expect(timetable.decisions(at: Self.start + .seconds(2)).map(\.job.name) == ["b", "c", "a"])
    }

    @Test func replacesAJobAndItsProgress() throws {
        var timetable = Timetable(try .idle("1 second"), JobProgress(watermark: Self.start))
        timetable.set(try .idle("10 seconds"), JobProgress(watermark: Self.start + .seconds(50)))
        #expect(timetable.count == 1)
        #expect(timetable.nextDue == Self.start + .seconds(60))
    }

    @Test func namesTheCommandsThatAreDueSoon() throws {
        var timetable = Timetable()
        let session = JobSession(database: "shop", role: "alice")
        for (name, schedule) in [("soon", "1 second"), ("later", "1 * * * *"), ("paused", "1 second")] {
            let job = Job(name, try CronSchedule(schedule), action: .command(JobCommand(name, session)))
            let pausedAt = name == "paused" ? Self.start : nil
            timetable.set(job, JobProgress(watermark: Self.start, pausedAt: pausedAt))
        }
        timetable.set(try .idle("1 second", "built in"), JobProgress(watermark: Self.start))
        let soon = timetable.commands(dueBefore: Self.start + .seconds(2))
        #expect(soon == [JobCommand("soon", session)])
        #expect(timetable.commands(dueBefore: Self.start + .seconds(1)).isEmpty)
    }

    // MARK: @reboot

    @Test func runsOnceWhenTheServerHasStartedAgain() throws {
        let job = try Job.idle("@reboot")
        let before = JobProgress(watermark: Self.start, serverStartedAt: Self.start - .seconds(60))
        #expect(Timetable(job, before).nextDue == nil)
        let startedAt = Self.start + .microseconds(1_234_567)
        var timetable = Timetable(job, JobProgress(watermark: Self.start, serverStartedAt: startedAt))
        #expect(timetable.nextDue == startedAt)
        let decisions = timetable.decideAll(at: startedAt + .seconds(3))
        #expect(decisions.flatMap(\.slots) == [Slot(startedAt, .run)])
        #expect(timetable.nextDue == nil)
        #expect(timetable.decisions(at: .infinity).isEmpty)
    }

    @Test(arguments: [(JobPolicy.CatchUp.none, "missed no scheduler was running"), (.latest, "run catch-up")])
    func catchesUpOnAStartOfTheServerThatNobodySaw(catchUp: JobPolicy.CatchUp, expected: String) throws {
        let job = try Job.idle("@reboot") { $0.catchUp = catchUp }
        let startedAt = Self.start + .seconds(1)
        var timetable = Timetable(job, JobProgress(watermark: Self.start, serverStartedAt: startedAt))
        let slots = timetable.decideAll(at: startedAt + .seconds(3600)).flatMap(\.slots)
        #expect(slots.map(\.words) == [expected])
    }

    // MARK: Time zones

    static let berlin: [(schedule: String, after: String, slots: [String])] = [
        // The hour from 02:00 is skipped on 2026-03-29, and repeated on 2026-10-25.
        (
            "30 2 * * *", "2026-03-28T00:00:00Z",
            ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
        ),
        ("30 2 * * *", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
        (
            "30 * * * *", "2026-10-24T23:45:00Z",
            ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"],
        ),
        ("0 12 * * *", "2026-03-28T00:00:00Z", ["2026-03-28T11:00:00Z", "2026-03-29T10:00:00Z"]),
    ]

    @Test(arguments: berlin)
    func keepsToTheWallClockOfItsZone(schedule: String, after: String, slots: [String]) throws {
        let job = try Job.idle(schedule, in: TimeZoneDatabase().rules("Europe/Berlin"))
        let start = try PostgresTimestamp(utc: after)
        var timetable = Timetable(job, JobProgress(watermark: start))
        for slot in slots {
            let expected = try PostgresTimestamp(utc: slot)
            #expect(timetable.nextDue == expected)
            #expect(timetable.decideAll(at: expected).flatMap(\.slots) == [Slot(expected, .run)])
        }
        // All at once, as after downtime.
        var late = Timetable(job, JobProgress(watermark: start))
        let last = try PostgresTimestamp(utc: try #require(slots.last))
        let caughtUp = late.decideAll(at: last).flatMap(\.slots)
        #expect(try caughtUp.map(\.nominalAt) == slots.map(PostgresTimestamp.init(utc:)))
    }

    // MARK: The definition

    @Test func distinguishesJobsByScheduleAndZone() throws {
        let berlin = try TimeZoneDatabase().rules("Europe/Berlin")
        #expect(try Job.idle("0 2 * * *").definition == "0 2 * * * in UTC")
        #expect(try Job.idle("0 2 * * *", in: berlin).definition == "0 2 * * * in Europe/Berlin")
        #expect(try Job.idle("0 2 * * *", "a").definition == Job.idle("0 2 * * *", "b") { $0.retries = 3 }.definition)
    }
}
