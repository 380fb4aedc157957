import Cron
import Foundation
import Testing

/// `next` and `previous` against a second implementation that tries every time.
struct CronScheduleOracleTests {
    // 2015-01-01 and 2025-01-01; ten years that hold all kinds of transitions.
    private static let start = 1_420_070_400
    private static let end = 1_735_689_600

    @Test(arguments: ZoneFiles.notable)
    func fixedTimesFireOnceEachForTenYears(identifier: String) throws {
        let trial = try OracleTrial(identifier, from: Self.start, to: Self.end)
        var generator = SeededGenerator(seed: "fixed \(identifier)")
        var count = 0
        while count < 8 {
            let schedule = OracleSchedule.fixed(&generator)
            guard let cron = try? CronSchedule(schedule.description), !schedule.isHourWildcard else { continue }
            trial.expectEqual(cron, trial.fixedFirings(schedule), from: Self.start, to: Self.end)
            count += 1
        }
    }

    @Test(arguments: ZoneFiles.notable)
    func everyMinuteAroundTransitionsIsRight(identifier: String) throws {
        let trial = try OracleTrial(identifier, from: Self.start, to: Self.end)
        var generator = SeededGenerator(seed: "minutes \(identifier)")
        for instant in trial.windows(from: Self.start, to: Self.end, &generator) {
            let schedule = OracleSchedule.any(&generator)
            guard let cron = try? CronSchedule(schedule.description) else { continue }
            let (from, to) = (instant - 14_400, instant + 14_400)
            trial.expectEqual(cron, trial.scan(schedule, from: from, to: to, step: 60), from: from, to: to)
        }
    }

    @Test(arguments: ["Europe/Berlin", "Australia/Lord_Howe", "Antarctica/Troll", "America/Havana", "Asia/Beirut"])
    func everySecondAroundTransitionsIsRight(identifier: String) throws {
        let trial = try OracleTrial(identifier, from: Self.start, to: Self.end)
        var generator = SeededGenerator(seed: "seconds \(identifier)")
        for instant in trial.zone.transitions(from: Self.start, to: Self.end).prefix(4) {
            var schedule = OracleSchedule.any(&generator)
            schedule.second = .any(in: 0...59, &generator)
            schedule.dayOfMonth = OracleSchedule.Field(text: "*", values: Set(1...31))
            guard let cron = try? CronSchedule(schedule.description) else { continue }
            let (from, to) = (instant - 3_600, instant + 7_200)
            trial.expectEqual(cron, trial.scan(schedule, from: from, to: to, step: 1), from: from, to: to)
        }
    }

    /// Apia left out 2011-12-30; Kwajalein left out 1993-08-21; Monrovia's offset was -0:44:30 until 1972.
    @Test(
        arguments: [
            ("Pacific/Apia", 1_325_239_200), ("Pacific/Kwajalein", 745_934_400), ("Pacific/Kiritimati", 788_871_600),
            ("Pacific/Enderbury", 788_871_600), ("Africa/Monrovia", 63_593_070), ("Asia/Manila", 275_241_600),
        ]
    )
    func rareTransitionsAreRight(identifier: String, around instant: Int) throws {
        let (from, to) = (instant - 40 * 86_400, instant + 40 * 86_400)
        let trial = try OracleTrial(identifier, from: from, to: to)
        var generator = SeededGenerator(seed: "rare \(identifier)")
        for _ in 0..<20 {
            let schedule = OracleSchedule.fixed(&generator)
            guard let cron = try? CronSchedule(schedule.description) else { continue }
            trial.expectEqual(cron, trial.fixedFirings(schedule), from: from, to: to)
        }
        for _ in 0..<20 {
            let schedule = OracleSchedule.any(&generator)
            guard let cron = try? CronSchedule(schedule.description) else { continue }
            let (from, to) = (instant - 100_000, instant + 20_000)
            trial.expectEqual(cron, trial.scan(schedule, from: from, to: to, step: 30), from: from, to: to)
        }
    }
}

/// One zone, seen by the module and by the oracle.
private struct OracleTrial {
    let rules: TimeZoneRules
    let zone: OracleZone

    init(_ identifier: String, from start: Int, to end: Int) throws {
        rules = try ZoneFiles.rules(identifier)
        zone = try #require(OracleZone(identifier, from: start, to: end))
    }

    /// Where a schedule with fixed hours fires, by going through all its local times.
    func fixedFirings(_ schedule: OracleSchedule) -> Set<Int> {
        guard let first = zone.spans.first, let last = zone.spans.last else { return [] }
        let times = schedule.timesOfDay
        var firings: Set<Int> = []
        for day in first.start / 86_400 - 1...last.end / 86_400 + 1 where schedule.matches(day: day) {
            for time in times {
                let local = day * 86_400 + time
                if let instant = zone.instants(ofLocal: local).first ?? zone.gap(over: local) {
                    firings.insert(instant)
                }
            }
        }
        return firings
    }

    /// Where a schedule fires, by trying every instant whose local time is a multiple of `step`.
    func scan(_ schedule: OracleSchedule, from start: Int, to end: Int, step: Int) -> Set<Int> {
        var firings: Set<Int> = []
        for span in zone.spans where span.end > start && span.start < end {
            let bounds = max(start, span.start)..<min(end, span.end)
            let phase = ((bounds.lowerBound + span.offset) % step + step) % step
            for instant in stride(from: bounds.lowerBound + (step - phase) % step, to: bounds.upperBound, by: step)
            where schedule.matches(local: instant + span.offset) {
                let isFirst = zone.instants(ofLocal: instant + span.offset).first == instant
                if schedule.isHourWildcard || isFirst { firings.insert(instant) }
            }
        }
        return schedule.isHourWildcard ? firings : firings.union(gapFirings(schedule, from: start, to: end))
    }

    private func gapFirings(_ schedule: OracleSchedule, from start: Int, to end: Int) -> [Int] {
        zip(zone.spans, zone.spans.dropFirst()).compactMap { before, after in
            let skipped = stride(from: before.end + before.offset, to: after.start + after.offset, by: 1)
            guard (start..<end).contains(after.start) else { return nil }
            let isMinuteField = schedule.second == nil
            return skipped.contains { (!isMinuteField || $0 % 60 == 0) && schedule.matches(local: $0) }
                ? after.start : nil
        }
    }

    /// Transitions, and as many random moments.
    func windows(from start: Int, to end: Int, _ generator: inout SeededGenerator) -> [Int] {
        let transitions = zone.transitions(from: start, to: end)
        return transitions + (0..<5).map { _ in Int.random(in: start / 60..<end / 60, using: &generator) * 60 }
    }

    /// Expects that the module fires exactly there, forwards and backwards.
    func expectEqual(_ cron: CronSchedule, _ expected: Set<Int>, from start: Int, to end: Int) {
        let times = expected.filter { (start..<end).contains($0) }.sorted()
        let comment: Comment = "\(cron) in \(rules.identifier)"
        #expect(walk(from: start - 1, to: end) { cron.next(after: $0, in: rules) } == times, comment)
        #expect(walk(from: end, to: start - 1) { cron.previous(before: $0, in: rules) } == times.reversed(), comment)
        expectNeighbours(cron, times, from: start, to: end)
    }

    /// Expects that the neighbours of moments in and around gaps and folds are those of the list.
    private func expectNeighbours(_ cron: CronSchedule, _ times: [Int], from start: Int, to end: Int) {
        let moments = zone.transitions(from: start, to: end).suffix(8).flatMap { transition in
            [-5_000, -1_800, -1, 0, 1, 900, 1_799, 1_800, 2_700, 3_599, 3_600, 7_000].map { transition + $0 }
        }
        for moment in moments where (start..<end).contains(moment) {
            let time = NominalTime(secondsSince1970: Int64(moment))
            let comment: Comment = "\(cron) in \(rules.identifier) at \(time)"
            if let next = times.first(where: { $0 > moment }) {
                #expect(cron.next(after: time, in: rules)?.secondsSince1970 == Int64(next), comment)
            }
            if let previous = times.last(where: { $0 < moment }) {
                #expect(cron.previous(before: time, in: rules)?.secondsSince1970 == Int64(previous), comment)
            }
        }
    }

    private func walk(from start: Int, to end: Int, _ step: (NominalTime) -> NominalTime?) -> [Int] {
        var times: [Int] = []
        var time = NominalTime(secondsSince1970: Int64(start))
        let bounds = min(start, end) + 1..<max(start, end)
        while let next = step(time), bounds.contains(Int(next.secondsSince1970)), times.count < 100_000 {
            times.append(Int(next.secondsSince1970))
            time = next
        }
        return times
    }
}
