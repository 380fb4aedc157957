import Cron
import Foundation
import Testing

/// What is read from the bytes of a zone file, and what is refused.
struct TZifTests {
    @Test(arguments: ["Europe/Berlin", "Africa/Casablanca", "America/Havana", "UTC"])
    func refusesEveryTruncation(identifier: String) throws {
        let bytes = try ZoneFiles.bytes(identifier)
        for count in 0..<bytes.count {
            #expect(throws: TZifError.self) { try TimeZoneRules(identifier: "x", tzif: Array(bytes.prefix(count))) }
        }
    }

    @Test func refusesEveryTruncationOfVersionOne() {
        let bytes = SyntheticZone(transitions: [(100, 1), (200, 0)]).versionOne
        #expect(throws: Never.self) { try TimeZoneRules(identifier: "x", tzif: bytes) }
        for count in 0..<bytes.count { expectRefusal(Array(bytes.prefix(count)), .truncated) }
    }

    @Test(arguments: ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Gaza", "UTC"])
    func survivesFlippedBits(identifier: String) throws {
        let bytes = try ZoneFiles.bytes(identifier)
        var generator = SeededGenerator(seed: "bits \(identifier)")
        for round in 0..<3_000 {
            var damaged = bytes
            for _ in 0...round % 3 {
                let position = Int.random(in: damaged.indices, using: &generator)
                damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            try use(damaged)
        }
    }

    @Test func survivesRandomBytesAfterAHeader() throws {
        var generator = SeededGenerator(seed: "bytes")
        for _ in 0..<3_000 {
            var bytes = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 39)
            for position in [35, 39, 43] { bytes[position] = UInt8.random(in: 0...4, using: &generator) }
            bytes += bytes
            bytes += (0..<120).map { _ in UInt8.random(in: 0...255, using: &generator) }
            try use(bytes)
        }
    }

    /// Reads bytes and, where that succeeds, asks the zone at the ends of time.
    private func use(_ bytes: [UInt8]) throws {
        guard let zone = try? TimeZoneRules(identifier: "x", tzif: bytes) else { return }
        let schedule = try CronSchedule("30 2 * * *")
        for instant in [Int64.min, -70_000_000_000, 0, 1_700_000_000, 250_000_000_000, .max] {
            let time = NominalTime(secondsSince1970: instant)
            #expect(abs(zone.offset(at: time)) < 100_000)
            if let next = zone.nextTransition(after: time) { #expect(next > time) }
            if let previous = zone.previousTransition(before: time) { #expect(previous < time) }
            if let next = schedule.next(after: time, in: zone) { #expect(next > time) }
            if let previous = schedule.previous(before: time, in: zone) { #expect(previous < time) }
        }
    }

    @Test func refusesWhatIsNoZone() {
        expectRefusal([], .truncated)
        expectRefusal(Array("TZdata".utf8), .notTZif)
        expectRefusal(Array("TZif5".utf8) + [UInt8](repeating: 0, count: 60), .unknownVersion)
        expectRefusal(Array("TZif".utf8) + [UInt8](repeating: 0, count: 60), .badCount)
        expectRefusal(Array("TZif".utf8) + [UInt8](repeating: 0xFF, count: 400), .unknownVersion)
    }

    @Test func refusesFilesThatCountLeapSeconds() throws {
        var file = SyntheticZone()
        file.leapCount = 1
        expectRefusal(file.bytes, .leapSeconds)
    }

    @Test func refusesTransitionsOutOfOrder() {
        expectRefusal(SyntheticZone(transitions: [(100, 1), (100, 0)]).bytes, .badTransition)
        expectRefusal(SyntheticZone(transitions: [(100, 1), (99, 0)]).bytes, .badTransition)
        expectRefusal(SyntheticZone(transitions: [(.min, 1)]).bytes, .badTransition)
        expectRefusal(SyntheticZone(transitions: [(.max, 1)]).bytes, .badTransition)
    }

    @Test func refusesTypesOutOfBounds() {
        expectRefusal(SyntheticZone(transitions: [(100, 2)]).bytes, .badIndex)
        expectRefusal(SyntheticZone(offsets: [0, 93_600]).bytes, .badType)
        expectRefusal(SyntheticZone(offsets: [.min, 0]).bytes, .badType)
    }

    @Test(
        arguments: [
            "X", "CET", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
            "CET-1CEST,M3.6.0,M10.5.0",
            "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J365", "CET-1CEST,0,366", "CET-1CEST,M3.5.0/168,M10.5.0",
            "CET-1CEST,M3.5.0,M10.5.0/3x", "<CET-1", "<+0>-1", "C1T-1", "CET-1:60", "CET-1CEST,J366,J1",
            "CET-99999999999999999999",
        ]
    )
    func refusesAFooterThatIsNoRule(footer: String) {
        expectRefusal(SyntheticZone(footer: footer).bytes, .badFooter)
    }

    @Test(
        arguments: [
            // A northern and a southern rule, with the default time 02:00.
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2400-07-01T00:00:00Z", 7_200, "2400-10-29T01:00:00Z"),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2400-01-01T00:00:00Z", 39_600, "2400-04-01T16:00:00Z"),
            // Quoted names, minutes, and half an hour of daylight saving time.
            ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2400-06-01T00:00:00Z", 37_800, "2400-09-30T15:30:00Z"),
            // Day 60 is 1 March for J, in leap years too, and 29 February or 1 March when counted from 0.
            ("AAA0BBB,J60/0,J300/0", "2400-01-01T00:00:00Z", 0, "2400-03-01T00:00:00Z"),
            ("AAA0BBB,59/0,299/0", "2400-01-01T00:00:00Z", 0, "2400-02-29T00:00:00Z"),
            ("AAA0BBB,59/0,299/0", "2401-01-01T00:00:00Z", 0, "2401-03-01T00:00:00Z"),
            // Hours that lie in another day.
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2401-01-01T00:00:00Z", -7_200, "2401-03-25T01:00:00Z"),
            ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2401-01-01T00:00:00Z", 7_200, "2401-03-24T00:00:00Z"),
            ("AAA0BBB,J1/-167,J300/167", "2401-11-30T00:00:00Z", 0, "2401-12-25T01:00:00Z"),
            // Ireland has its summer time as standard.
            ("IST-1GMT0,M10.5.0,M3.5.0/1", "2401-07-01T00:00:00Z", 3_600, "2401-10-28T01:00:00Z"),
        ]
    )
    func readsFooters(footer: String, at time: String, offset: Int, next: String) throws {
        let zone = try TimeZoneRules(identifier: "x", tzif: SyntheticZone(footer: footer).bytes)
        #expect(zone.offset(at: try NominalTime(time)) == offset)
        #expect(zone.nextTransition(after: try NominalTime(time)) == (try NominalTime(next)))
    }

    @Test(arguments: ["EST5EDT,0/0,J365/25", "XXX3EDT4,0/0,J365/23", "<-04>4"])
    func permanentDaylightSavingTimeHasNoTransitions(footer: String) throws {
        let zone = try TimeZoneRules(identifier: "x", tzif: SyntheticZone(footer: footer).bytes)
        #expect(zone.offset(at: try NominalTime("2026-12-31T23:59:59Z")) == -14_400)
        #expect(zone.offset(at: try NominalTime("2500-07-01T00:00:00Z")) == -14_400)
        #expect(zone.nextTransition(after: try NominalTime("2026-01-01T00:00:00Z")) == nil)
    }

    @Test func keepsTheLastOffsetWithoutAFooter() throws {
        let file = SyntheticZone(
            transitions: [(100, 1), (200, 1), (300, 0), (400, 1)],
            offsets: [0, 3_600],
            footer: "",
        )
        for bytes in [file.bytes, file.versionOne] {
            let zone = try TimeZoneRules(identifier: "x", tzif: bytes)
            let next = { zone.nextTransition(after: NominalTime(secondsSince1970: $0))?.secondsSince1970 }
            #expect([Int64.min, 100, 200, 300, 400].map(next) == [100, 300, 300, 400, nil])
            #expect(zone.offset(at: try NominalTime("9999-01-01T00:00:00Z")) == 3_600)
        }
    }

    @Test func describesErrors() {
        let error = #expect(throws: TZifError.self) { try TimeZoneRules(identifier: "x", tzif: Array("TZxf".utf8)) }
        #expect(error?.description == "TZif refused: the magic TZif is missing (byte 3)")
    }

    private func expectRefusal(_ bytes: [UInt8], _ code: TZifError.Code) {
        let error = #expect(throws: TZifError.self) { try TimeZoneRules(identifier: "x", tzif: bytes) }
        #expect(error?.code == code)
    }
}
