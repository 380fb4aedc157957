import PostgresClient
import Testing

@testable import Scheduling

struct JitterTests {
    private static let start = PostgresTimestamp(seconds: 1_800_000_000)

    static let golden: [(String, Int64, Double)] = [
        ("", 0, 0.9576734252420561),
        ("ingest", 1_800_000_000_000_000, 0.369093899542145),
        ("cron:7", 1_800_000_060_000_000, 0.7269539751823938),
        ("Übung", -1, 0.07153385409622337),
    ]

    /// Daemons of different versions must agree about when a slot starts.
    @Test(arguments: golden)
    func isTheSameInEveryDaemon(job: String, time: Int64, fraction: Double) {
        #expect(SlotHash.fraction(job, time) == fraction)
    }

    @Test func liesBetweenTheSlotAndTheBound() throws {
        let job = try Job.idle("1 second") { $0.jitter = .seconds(90) }
        let delays = (0..<2_000).map { number in
            let slot = Self.start + .seconds(number)
            return job.due(slot) - slot
        }
        #expect(delays.allSatisfy { $0 >= .zero && $0 < .seconds(90) })
        // Spread over the whole of it: in each tenth there is about a tenth.
        for tenth in 0..<10 {
            let bounds = Duration.seconds(9 * tenth)..<Duration.seconds(9 * tenth + 9)
            #expect((100...300).contains(delays.count(where: bounds.contains)))
        }
    }

    @Test func differsBetweenJobsOfOneSchedule() throws {
        let dues = try Set(
            (0..<100).map { try Job.idle("* * * * *", "\($0)") { $0.jitter = .seconds(60) }.due(Self.start) }
        )
        #expect(dues.count == 100)
    }

    @Test func isNothingByDefault() throws {
        #expect(try Job.idle("* * * * *").due(Self.start) == Self.start)
    }

    @Test func delaysTheStartAndNotTheNominalTime() throws {
        let job = try Job.idle("* * * * *") { $0.jitter = .seconds(50) }
        let timetable = Timetable(job, JobProgress(watermark: Self.start))
        let slot = Self.start + .seconds(60)
        let due = try #require(timetable.nextDue)
        #expect(due == job.due(slot))
        #expect(timetable.decisions(at: due - .microseconds(1)).isEmpty)
        #expect(timetable.decisions(at: due).flatMap(\.slots) == [Slot(slot, .run)])
    }

    @Test func isNoLateness() throws {
        // The grace of a minute counts from when the slot was due.
        let job = try Job.idle("0 0 * * *") { $0.jitter = .seconds(3600) }
        let timetable = Timetable(job, JobProgress(watermark: Self.start))
        let due = try #require(timetable.nextDue)
        #expect(timetable.decisions(at: due + .seconds(60)).flatMap(\.slots).map(\.words) == ["run schedule"])
        #expect(timetable.decisions(at: due + .seconds(61)).flatMap(\.slots).map(\.words) == ["run catch-up"])
    }

    @Test(arguments: [5, 60, 3600])
    func keepsTheOrderOfSlotsHoweverFarItSpreadsThem(jitter: Int) throws {
        let job = try Job.idle("10 seconds") { $0.jitter = .seconds(jitter) }
        var timetable = Timetable(job, JobProgress(watermark: Self.start))
        var nominal: [PostgresTimestamp] = []
        var now = Self.start
        for _ in 0..<500 {
            now = max(now, try #require(timetable.nextDue))
            for slot in timetable.decideAll(at: now).flatMap(\.slots) {
                #expect(job.due(slot.nominalAt) <= now)
                nominal.append(slot.nominalAt)
            }
        }
        #expect(nominal == (1...nominal.count).map { Self.start + .seconds(10 * $0) })
    }
}
