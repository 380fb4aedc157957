import Cron
import PostgresClient
import Testing

@testable import Scheduling

/// Every slot is decided once, however many there are: against a plain enumeration.
struct TimetablePropertyTests {
    private static let start = PostgresTimestamp(seconds: 1_800_000_000)
    private static let schedules = [
        "1 second", "7 seconds", "59 seconds", "* * * * *", "*/5 * * * *", "*/10 * * * * *", "0 * * * *", "30 2 * * *",
        "0,1,2 8-17 * * 1-5", "15 3 L * *",
    ]
    private static let zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]

    /// All slots after the watermark that are due, by the schedule alone; in order, up to the first that is not due.
    private func enumerate(_ job: Job, after watermark: PostgresTimestamp, at now: PostgresTimestamp)
        -> [PostgresTimestamp]
    {
        var slots: [PostgresTimestamp] = []
        var nominal = NominalTime(flooring: watermark)
        while let next = job.schedule.next(after: nominal, in: job.timeZone), job.due(PostgresTimestamp(next)) <= now {
            slots.append(PostgresTimestamp(next))
            nominal = next
        }
        return slots
    }

    /// The spans of slots put end to end must be the enumeration.
    private func expectEachOnce(_ slots: [Slot], _ expected: [PostgresTimestamp], _ what: String) throws {
        let index = Dictionary(expected.enumerated().map { ($1, $0) }) { first, _ in first }
        var next = 0
        for slot in slots.sorted(by: { $0.nominalAt < $1.nominalAt }) {
            let first = try #require(index[slot.nominalAt], "\(what): \(slot) is no slot")
            let last = try #require(index[slot.lastNominalAt], "\(what): \(slot) ends with no slot")
            #expect(first == next, "\(what): slots were lost or decided twice before \(slot)")
            #expect(slot.count == last - first + 1, "\(what): \(slot) counts wrongly")
            next = last + 1
        }
        #expect(next == expected.count, "\(what): slots were lost at the end")
    }

    @Test(arguments: schedules)
    func losesNoSlotAndDecidesNoneTwice(schedule: String) throws {
        var generator = SystemRandomNumberGenerator()
        let zones = try Self.zones.map(TimeZoneDatabase().rules)
        let cadence = try Self.cadence(of: schedule)
        for _ in 0..<3 {
            let job = try Job.idle(schedule, in: zones.randomElement(using: &generator) ?? .utc) { policy in
                policy.catchUp = JobPolicy.CatchUp.allCases.randomElement(using: &generator) ?? .latest
                policy.catchUpLimit = Int.random(in: 0...2_000, using: &generator)
                policy.jitter =
                    Bool.random(using: &generator) ? .zero : .seconds(Int.random(in: 1...5_000, using: &generator))
            }
            let watermark = Self.start + .microseconds(Int64.random(in: 0..<50_000_000_000_000, using: &generator))
            var timetable = Timetable(job, JobProgress(watermark: watermark))
            var slots: [Slot] = []
            var now = watermark
            for most in [1_500.0, 20, 200] {
                now = now + cadence * Double.random(in: 0...most, using: &generator)
                slots += timetable.decideAll(at: now).flatMap(\.slots)
            }
            let what = "\(job.definition) \(job.policy) from \(watermark.microseconds) to \(now.microseconds)"
            try expectEachOnce(slots, enumerate(job, after: watermark, at: now), what)
        }
    }

    /// The usual time between two slots.
    private static func cadence(of schedule: String) throws -> Duration {
        let parsed = try CronSchedule(schedule)
        let first = try #require(parsed.next(after: NominalTime(flooring: start), in: .utc))
        let second = try #require(parsed.next(after: first, in: .utc))
        return PostgresTimestamp(second) - PostgresTimestamp(first)
    }

    @Test(arguments: [999, 1_000, 1_001, 1_002, 1_003, 5_000], JobPolicy.CatchUp.allCases)
    func givesTheLastThousandARowEach(missed: Int, catchUp: JobPolicy.CatchUp) throws {
        let job = try Job.idle("* * * * *") { policy in
            policy.catchUp = catchUp
            policy.catchUpLimit = 10_000
        }
        var timetable = Timetable(job, JobProgress(watermark: Self.start))
        let now = Self.start + .seconds(60 * missed + 30)
        let slots = timetable.decideAll(at: now).flatMap(\.slots)
        try expectEachOnce(slots, enumerate(job, after: Self.start, at: now), "\(missed) slots")
        let spans = slots.filter { $0.count != 1 || $0.nominalAt != $0.lastNominalAt }
        #expect(spans.allSatisfy { $0.words == "missed no scheduler was running" })
        #expect(spans.count == (missed > 1_001 ? 1 : 0))
        #expect(slots.count == (missed > 1_000 ? 1_001 : missed))
        #expect(slots.last?.decision == (catchUp == .all ? .queue : .run))
    }

    @Test(arguments: ["1 second", "30 seconds", "* * * * *"])
    func countsTheSlotsOfYears(schedule: String) throws {
        let job = try Job.idle(schedule)
        let seconds = schedule == "* * * * *" ? 60 : try #require(job.schedule.interval)
        let missed = schedule == "* * * * *" ? 50_000 : 86_400 * 3650
        var timetable = Timetable(job, JobProgress(watermark: Self.start))
        let slots = timetable.decideAll(at: Self.start + .seconds(seconds * missed)).flatMap(\.slots)
        #expect(slots.compactMap(\.count).reduce(0, +) == missed)
        #expect(slots.count <= 1_003)
    }

    @Test func doesNotCountBeyondAMillion() throws {
        let job = try Job.idle("* * * * *")
        let missed = 86_400 / 60 * 3650
        var timetable = Timetable(job, JobProgress(watermark: Self.start))
        let slots = timetable.decideAll(at: Self.start + .seconds(60 * missed + 30)).flatMap(\.slots)
        let span = try #require(slots.first)
        #expect(span.count == nil)
        #expect(span.nominalAt == Self.start + .seconds(60))
        #expect(span.lastNominalAt == Self.start + .seconds(60 * (missed - 1_000)))
        #expect(slots.dropFirst().map(\.nominalAt).first == Self.start + .seconds(60 * (missed - 999)))
        #expect(slots.count == 1_001)
        #expect(timetable.nextDue == Self.start + .seconds(60 * (missed + 1)))
    }

    // MARK: What went wrong

    @Test(arguments: [("1 second", 0), ("* * * * *", 0), ("* * * * *", 3600)])
    func runsTheLatestOnlyAfterMoreSlotsThanHaveRows(schedule: String, jitter: Int) throws {
        let job = try Job.idle(schedule) { $0.jitter = .seconds(jitter) }
        var timetable = Timetable(job, JobProgress(watermark: Self.start))
        // At a slot.
        let slots = timetable.decideAll(at: Self.start + .seconds(86_400 * 30)).flatMap(\.slots)
        #expect(slots.count { $0.decision == .run } == 1)
    }
}
