import Cron
import PostgresClient
import Testing

@testable import Scheduling

/// What is to happen to slots that are due.
struct TimetableDecisionTests {
    private static let start = PostgresTimestamp(seconds: 1_800_000_000)
    private static let hour = Duration.seconds(3600)

    // MARK: Catching up

    struct CatchUpCase: Sendable, CustomTestStringConvertible {
        var what: String
        var catchUp: JobPolicy.CatchUp
        var limit = 100
        /// How long after the watermark, with a slot each hour.
        var after: Duration
        var slots: [String]

        var testDescription: String { "\(catchUp) \(what)" }
    }

    private static let late = "missed the scheduler was late"
    private static let absent = "missed no scheduler was running"
    private static let run = "run schedule"
    private static let caughtUp = "run catch-up"
    private static let queued = "queue catch-up"

    static let catchUpCases: [CatchUpCase] = [
        .init(what: "on time", catchUp: .none, after: hour, slots: [run]),
        .init(what: "on time", catchUp: .latest, after: hour, slots: [run]),
        .init(what: "on time", catchUp: .all, after: hour, slots: [run]),

        .init(what: "within the grace", catchUp: .none, after: hour + .seconds(60), slots: [run]),
        .init(what: "within the grace", catchUp: .latest, after: hour + .seconds(60), slots: [run]),
        .init(what: "within the grace", catchUp: .all, after: hour + .seconds(60), slots: [run]),

        .init(what: "past the grace", catchUp: .none, after: hour + .microseconds(60_000_001), slots: [absent]),
        .init(what: "past the grace", catchUp: .latest, after: hour + .microseconds(60_000_001), slots: [caughtUp]),
        .init(what: "past the grace", catchUp: .all, after: hour + .microseconds(60_000_001), slots: [caughtUp]),

        .init(what: "late by slots", catchUp: .none, after: hour * 3 + .seconds(1), slots: [late, late, run]),
        .init(what: "late by slots", catchUp: .latest, after: hour * 3 + .seconds(1), slots: [late, late, run]),
        .init(what: "late by slots", catchUp: .all, after: hour * 3 + .seconds(1), slots: [queued, queued, queued]),

        .init(
            what: "after downtime",
            catchUp: .none,
            after: hour * 3 + .seconds(900),
            slots: [absent, absent, absent],
        ),
        .init(
            what: "after downtime",
            catchUp: .latest,
            after: hour * 3 + .seconds(900),
            slots: [absent, absent, caughtUp],
        ),
        .init(
            what: "after downtime",
            catchUp: .all,
            after: hour * 3 + .seconds(900),
            slots: [queued, queued, queued],
        ),

        .init(
            what: "up to 2",
            catchUp: .all,
            limit: 2,
            after: hour * 3 + .seconds(900),
            slots: [absent, queued, queued],
        ),
        .init(
            what: "up to 1",
            catchUp: .all,
            limit: 1,
            after: hour * 3 + .seconds(900),
            slots: [absent, absent, queued],
        ),
        .init(
            what: "up to 0",
            catchUp: .all,
            limit: 0,
            after: hour * 3 + .seconds(900),
            slots: [absent, absent, queued],
        ),
        .init(
            what: "up to 3",
            catchUp: .all,
            limit: 3,
            after: hour * 3 + .seconds(900),
            slots: [queued, queued, queued],
        ),
    ]

    @Test(arguments: catchUpCases)
    func catchesUpAsThePolicySays(_ example: CatchUpCase) throws {
        let job = try Job.idle("0 * * * *") { policy in
            policy.catchUp = example.catchUp
            policy.catchUpLimit = example.limit
        }
        let timetable = Timetable(job, JobProgress(watermark: Self.start))
        let decisions = try #require(timetable.decisions(at: Self.start + example.after).first)
        #expect(decisions.slots.map(\.words) == example.slots)
        #expect(decisions.slots.map(\.nominalAt) == (1...example.slots.count).map { Self.start + Self.hour * $0 })
        #expect(decisions.slots.allSatisfy { $0.count == 1 && $0.nominalAt == $0.lastNominalAt })
        #expect(decisions.after == Self.start)
        #expect(decisions.until == decisions.slots.last?.nominalAt)
    }

    @Test func catchesUpLatestByDefault() throws {
        var timetable = Timetable(try .idle("0 * * * *"), JobProgress(watermark: Self.start))
        let slots = timetable.decideAll(at: Self.start + Self.hour * 5 + .seconds(1800)).flatMap(\.slots)
        #expect(slots.map(\.words) == [Self.absent, Self.absent, Self.absent, Self.absent, Self.caughtUp])
    }

    @Test func decidesTheRestOnTimeAgain() throws {
        var timetable = Timetable(try .idle("0 * * * *"), JobProgress(watermark: Self.start))
        _ = timetable.decideAll(at: Self.start + Self.hour * 4 + .seconds(1800))
        #expect(timetable.nextDue == Self.start + Self.hour * 5)
        let next = timetable.decideAll(at: Self.start + Self.hour * 5).flatMap(\.slots)
        #expect(next.map(\.words) == [Self.run])
    }

    // MARK: Pauses

    /// Slots at each hour from 1; the pause in hours after the watermark.
    struct PauseCase: Sendable, CustomTestStringConvertible {
        var what: String
        var paused: Double?
        var resumed: Double?
        var now: Double
        var slots: [String]

        var testDescription: String { what }
    }

    private static let skipped = "skipped paused"

    static let pauseCases: [PauseCase] = [
        .init(what: "never", now: 1, slots: ["1 run schedule"]),
        .init(what: "before the slots, still", paused: -5, now: 3, slots: ["1...3 ×3 skipped paused"]),
        .init(what: "at the watermark, still", paused: 0, now: 3, slots: ["1...3 ×3 skipped paused"]),
        .init(what: "before the slots, over", paused: -5, resumed: -1, now: 1, slots: ["1 run schedule"]),
        .init(what: "over at the watermark", paused: -5, resumed: 0, now: 1, slots: ["1 run schedule"]),
        .init(
            what: "for the first slot",
            paused: 0,
            resumed: 1.5,
            now: 2,
            slots: ["1...1 ×1 skipped paused", "2 run schedule"],
        ),
        .init(
            what: "for slots in the middle",
            paused: 1.5,
            resumed: 3.5,
            now: 4,
            slots: ["1 missed the scheduler was late", "2...3 ×2 skipped paused", "4 run schedule"],
        ),
        .init(what: "after a slot, still", paused: 1.5, now: 3, slots: ["1 run catch-up", "2...3 ×2 skipped paused"]),
        .init(what: "at a slot: that one still runs", paused: 1, now: 1, slots: ["1 run schedule"]),
        .init(
            what: "until a slot: that one does not run",
            paused: 0,
            resumed: 1,
            now: 1,
            slots: ["1...1 ×1 skipped paused"],
        ),
        .init(what: "later than all slots", paused: 5, now: 1, slots: ["1 run schedule"]),
        .init(
            what: "between two slots",
            paused: 1.2,
            resumed: 1.7,
            now: 2,
            slots: ["1 missed the scheduler was late", "2 run schedule"],
        ),
    ]

    @Test(arguments: pauseCases)
    func skipsWhatWasPaused(_ example: PauseCase) throws {
        func time(_ hours: Double) -> PostgresTimestamp { Self.start + .seconds(hours * 3600) }
        let progress = JobProgress(
            watermark: Self.start,
            pausedAt: example.paused.map(time),
            resumedAt: example.resumed.map(time),
        )
        var timetable = Timetable(try .idle("0 * * * *"), progress)
        let slots = timetable.decideAll(at: time(example.now)).flatMap(\.slots)
        let words = slots.sorted { $0.nominalAt < $1.nominalAt }.map { slot in
            let (first, last) = (number(of: slot.nominalAt), number(of: slot.lastNominalAt))
            return slot.decision == .skipped
                ? "\(first)...\(last) ×\(slot.count ?? 0) \(slot.words)" : "\(first) \(slot.words)"
        }
        #expect(words == example.slots)
    }

    private func number(of slot: PostgresTimestamp) -> Int64 { (slot - Self.start).microseconds / 3_600_000_000 }

    @Test func notesThePausedSlotsOfAMinuteTogether() throws {
        var timetable = Timetable(try .idle("1 second"), JobProgress(watermark: Self.start, pausedAt: Self.start))
        for minute in 1...10 {
            let due = try #require(timetable.nextDue)
            #expect(due == Self.start + .seconds(60 * minute))
            let slot = try #require(timetable.decideAll(at: due).flatMap(\.slots).first)
            #expect(slot.decision == .skipped && slot.reason == "paused")
            #expect(slot.count == 60)
            #expect(slot.nominalAt == due - .seconds(59) && slot.lastNominalAt == due)
        }
    }

    @Test func wakesForAPausedJobNoEarlierThanItsSlot() throws {
        let timetable = Timetable(try .idle("0 * * * *"), JobProgress(watermark: Self.start, pausedAt: Self.start))
        #expect(timetable.nextDue == Self.start + Self.hour)
    }

    @Test func pausesWithoutRegardToJitter() throws {
        let job = try Job.idle("0 * * * *") { $0.jitter = .seconds(3600) }
        let timetable = Timetable(job, JobProgress(watermark: Self.start, pausedAt: Self.start))
        #expect(timetable.nextDue == Self.start + Self.hour)
    }

    @Test func aLongPauseIsOneSpan() throws {
        let watermark = Self.start
        var timetable = Timetable(try .idle("* * * * *"), JobProgress(watermark: watermark, pausedAt: watermark))
        let now = watermark + .seconds(86_400 * 30) + .seconds(5)
        let slots = timetable.decideAll(at: now).flatMap(\.slots)
        #expect(slots.allSatisfy { $0.words == Self.skipped })
        // What has rows of its own is one span, and what lies before it another; the ledger joins them.
        #expect(slots.count <= 2)
        #expect(slots.compactMap(\.count).reduce(0, +) == 30 * 1440)
    }

    @Test func whatWasDueBeforeALongPauseIsNotCalledPaused() throws {
        let progress = JobProgress(watermark: Self.start, pausedAt: Self.start + Self.hour)
        var timetable = Timetable(try .idle("* * * * *"), progress)
        let slots = timetable.decideAll(at: Self.start + Self.hour * 2).flatMap(\.slots)
        #expect(slots.filter { $0.decision != .skipped }.compactMap(\.count).reduce(0, +) == 60)
        #expect(slots.filter { $0.decision == .skipped }.compactMap(\.count).reduce(0, +) == 60)
    }
}
