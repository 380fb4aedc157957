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
