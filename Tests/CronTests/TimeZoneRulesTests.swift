import Cron
import Foundation
import Testing

struct TimeZoneRulesTests {
    @Test(arguments: ZoneFiles.notable)
    func agreesWithFoundationBetween1970And2037(identifier: String) throws {
        let bounds: ClosedRange<Int64> = 0...2_145_916_800
        try expectFoundationsOffsets(identifier, within: bounds, count: 2_000)
    }

    @Test(arguments: ZoneFiles.notable)
    func agreesWithFoundationUpTo2500(identifier: String) throws {
        let bounds: ClosedRange<Int64> = 2_145_916_800...16_725_225_600
        try expectFoundationsOffsets(identifier, within: bounds, count: 500)
    }

    /// As `zdump` tells them: offsets with seconds, a day left out, and rules centuries ahead.
    @Test(
        arguments: [
            ("Europe/Berlin", "1893-03-31T23:06:32Z", 3_600, "1893-03-31T23:06:31Z", 3_208),
            ("America/New_York", "1883-11-18T17:00:00Z", -18_000, "1883-11-18T16:59:59Z", -17_762),
            ("Africa/Monrovia", "1972-01-07T00:44:30Z", 0, "1972-01-07T00:44:29Z", -2_670),
            ("Pacific/Apia", "2011-12-30T10:00:00Z", 50_400, "2011-12-30T09:59:59Z", -36_000),
            ("Europe/Berlin", "2499-03-29T01:00:00Z", 7_200, "2499-03-29T00:59:59Z", 3_600),
            ("Europe/Berlin", "9998-10-25T01:00:00Z", 3_600, "9998-10-25T00:59:59Z", 7_200),
            ("America/Nuuk", "2400-03-26T01:00:00Z", -3_600, "2400-03-26T00:59:59Z", -7_200),
        ]
    )
    func knowsBothSidesOfATransition(
        identifier: String,
        at: String,
        after: Int,
        before: String,
        beforeOffset: Int,
    ) throws {
        let zone = try ZoneFiles.rules(identifier)
        let (transition, last) = (try NominalTime(at), try NominalTime(before))
        #expect(zone.offset(at: transition) == after)
        #expect(zone.offset(at: last) == beforeOffset)
        #expect(zone.nextTransition(after: last) == transition)
        #expect(
            zone.previousTransition(before: NominalTime(secondsSince1970: transition.secondsSince1970 + 1))
                == transition
        )
    }

    @Test(arguments: ZoneFiles.notable)
    func transitionsAreTheSameBothWaysAndChangeTheOffset(identifier: String) throws {
        let zone = try ZoneFiles.rules(identifier)
        let bounds = (from: NominalTime(secondsSince1970: 0), to: NominalTime(secondsSince1970: 4_102_444_800))
        var forwards: [NominalTime] = []
        var time = bounds.from
        while let next = zone.nextTransition(after: time), next < bounds.to {
            let before = NominalTime(secondsSince1970: next.secondsSince1970 - 1)
            #expect(zone.offset(at: before) != zone.offset(at: next), "\(identifier) at \(next)")
            forwards.append(next)
            time = next
        }
        var backwards: [NominalTime] = []
        time = bounds.to
        while let previous = zone.previousTransition(before: time), previous > bounds.from {
            backwards.append(previous)
            time = previous
        }
        #expect(forwards == backwards.reversed())
    }

    @Test func utcHasNoTransitions() throws {
        for zone in [TimeZoneRules.utc, try ZoneFiles.rules("UTC")] {
            #expect(zone.identifier == "UTC")
            for instant in [Int64.min, -1, 0, 1_700_000_000, .max] {
                let time = NominalTime(secondsSince1970: instant)
                #expect(zone.offset(at: time) == 0)
                #expect(zone.nextTransition(after: time) == nil)
                #expect(zone.previousTransition(before: time) == nil)
            }
        }
    }

    private func expectFoundationsOffsets(
        _ identifier: String,
        within bounds: ClosedRange<Int64>,
        count: Int,
    ) throws {
        let zone = try ZoneFiles.rules(identifier)
        let foundation = try #require(TimeZone(identifier: identifier))
        var generator = SeededGenerator(seed: identifier)
        for _ in 0..<count {
            let instant = Int64.random(in: bounds, using: &generator)
            let expected = foundation.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
            let time = NominalTime(secondsSince1970: instant)
            #expect(zone.offset(at: time) == expected, "\(identifier) at \(time)")
        }
    }
}
