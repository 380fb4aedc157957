import Cron
import Testing

/// Leap days, days counted from the end, centuries ahead.
struct CronScheduleCalendarTests {
    @Test(
        arguments: [
            ("0 0 29 2 *", "2025-01-01T00:00:00Z", ["2028-02-29", "2032-02-29", "2036-02-29"]),
            ("0 0 29 2 *", "2096-03-01T00:00:00Z", ["2104-02-29", "2108-02-29"]),
            ("0 0 29 2 */7", "2025-01-01T00:00:00Z", ["2032-02-29", "2060-02-29", "2088-02-29", "2128-02-29"]),
            (
                "0 0 30 2 1", "2026-01-28T00:00:00Z",
                ["2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23", "2027-02-01"],
            ),
            (
                "0 0 31 * *", "2026-01-01T00:00:00Z",
                ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31", "2026-08-31"],
            ),
            ("0 0 $ * *", "2028-01-15T00:00:00Z", ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]),
            (
                "0 0 $ 2 *", "2099-01-15T00:00:00Z",
                ["2099-02-28", "2100-02-28", "2101-02-28", "2102-02-28", "2103-02-28", "2104-02-29"],
            ),
            ("0 0 $ * 5", "2026-01-20T00:00:00Z", ["2026-01-23", "2026-01-30", "2026-01-31", "2026-02-06"]),
            ("0 0 L-1 2 *", "2027-01-15T00:00:00Z", ["2027-02-27", "2028-02-28"]),
            ("0 0 L-28 2 *", "2027-01-15T00:00:00Z", ["2028-02-01", "2032-02-01"]),
            ("0 0 L-30 * *", "2026-01-15T00:00:00Z", ["2026-03-01", "2026-05-01", "2026-07-01"]),
            (
                "0 0 LW * *", "2026-01-01T00:00:00Z",
                ["2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30", "2026-05-29"],
            ),
            (
                "0 0 15W * *", "2026-01-16T00:00:00Z",
                ["2026-02-16", "2026-03-16", "2026-04-15", "2026-05-15", "2026-06-15", "2026-07-15", "2026-08-14"],
            ),
            ("0 0 1W * *", "2026-07-15T00:00:00Z", ["2026-08-03", "2026-09-01", "2026-10-01", "2026-11-02"]),
            ("0 0 31W * *", "2026-01-01T00:00:00Z", ["2026-01-30", "2026-03-31", "2026-05-29"]),
            ("0 0 28W 2 *", "2026-01-01T00:00:00Z", ["2026-02-27", "2027-02-26", "2028-02-28"]),
            ("0 0 * * MON#1", "2026-01-01T00:00:00Z", ["2026-01-05", "2026-02-02", "2026-03-02"]),
            ("0 0 * * SUN#1", "2026-01-01T00:00:00Z", ["2026-01-04", "2026-02-01", "2026-03-01"]),
            ("0 0 * * 4#5", "2026-01-01T12:00:00Z", ["2026-01-29", "2026-04-30", "2026-07-30"]),
            ("0 0 * 2 1#5", "2026-01-01T00:00:00Z", ["2044-02-29", "2072-02-29"]),
            ("0 0 * * FRIL", "2026-01-01T00:00:00Z", ["2026-01-30", "2026-02-27", "2026-03-27"]),
            ("0 0 * * 0L,WED#2", "2026-01-01T00:00:00Z", ["2026-01-14", "2026-01-25", "2026-02-11", "2026-02-22"]),
            (
                "0 0 13 * 5", "2026-02-07T00:00:00Z",
                ["2026-02-13", "2026-02-20", "2026-02-27", "2026-03-06", "2026-03-13"],
            ),
            ("0 0 */13 * 5", "2026-01-01T00:00:00Z", ["2026-02-27", "2026-03-27", "2026-05-01"]),
            ("0 0 1 1 *", "2399-06-01T00:00:00Z", ["2400-01-01", "2401-01-01"]),
            ("0 0 29 2 *", "9990-01-01T00:00:00Z", ["9992-02-29", "9996-02-29"]),
        ]
    )
    func findsDays(text: String, after start: String, days: [String]) throws {
        let schedule = try CronSchedule(text)
        var time = try NominalTime(start)
        for day in days {
            let next = try #require(schedule.next(after: time, in: .utc))
            #expect("\(next)" == "\(day)T00:00:00Z")
            time = next
        }
        for day in days.dropLast().reversed() {
            let previous = try #require(schedule.previous(before: time, in: .utc))
            #expect("\(previous)" == "\(day)T00:00:00Z")
            time = previous
        }
    }

    @Test(arguments: ["* * * * *", "0 0 29 2 *", "@yearly", "7 seconds", "0 0 * 2 1#5"])
    func endsWithTheYear9999(text: String) throws {
        let schedule = try CronSchedule(text)
        let end = try NominalTime("9999-12-31T23:59:59Z")
        for zone in [TimeZoneRules.utc, try ZoneFiles.rules("America/New_York"), try ZoneFiles.rules("Asia/Tokyo")] {
            #expect(schedule.next(after: end, in: zone) == nil)
            #expect(schedule.next(after: NominalTime(secondsSince1970: .max), in: zone) == nil)
            let last = try #require(schedule.previous(before: NominalTime(secondsSince1970: .max), in: zone))
            #expect(last <= end)
            #expect(schedule.next(after: last, in: zone) == nil)
        }
    }

    @Test(arguments: ["* * * * *", "0 0 29 2 *", "@yearly", "7 seconds", "0 0 * 2 1#5"])
    func beginsWithTheYear1(text: String) throws {
        let schedule = try CronSchedule(text)
        for zone in [TimeZoneRules.utc, try ZoneFiles.rules("America/New_York"), try ZoneFiles.rules("Asia/Tokyo")] {
            let first = try #require(schedule.next(after: NominalTime(secondsSince1970: .min), in: zone))
            #expect(first.secondsSince1970 >= -62_135_596_800)
            #expect(schedule.previous(before: first, in: zone) == nil)
            #expect(schedule.previous(before: NominalTime(secondsSince1970: .min), in: zone) == nil)
        }
    }

    @Test func slotsOfAnIntervalAreMultiplesSince1970() throws {
        let schedule = try CronSchedule("7 seconds")
        let next = { schedule.next(after: NominalTime(secondsSince1970: $0), in: .utc)?.secondsSince1970 }
        let previous = { schedule.previous(before: NominalTime(secondsSince1970: $0), in: .utc)?.secondsSince1970 }
        #expect([-8, -7, -1, 0, 6, 7].map(next) == [-7, 0, 0, 7, 7, 14])
        #expect([-7, -6, 0, 1, 7, 8].map(previous) == [-14, -7, -7, 0, 0, 7])
    }

    @Test(arguments: ["UTC", "Europe/Berlin", "America/Nuuk", "Asia/Gaza", "Australia/Lord_Howe"])
    func nextAndPreviousAgreeCenturiesAhead(identifier: String) throws {
        let zone = try ZoneFiles.rules(identifier)
        var generator = SeededGenerator(seed: "centuries \(identifier)")
        let texts = ["30 2 * * *", "*/7 * * * *", "0 0 29 2 *", "15 0-3 * 3,10 0", "0 1 LW * *", "*/9 30 1 * * SUNL"]
        for schedule in try texts.map({ try CronSchedule($0) }) {
            for _ in 0..<100 {
                let instant = Int64.random(in: -60_000_000_000...250_000_000_000, using: &generator)
                let time = NominalTime(secondsSince1970: instant)
                let next = try #require(schedule.next(after: time, in: zone))
                let previous = try #require(schedule.previous(before: next, in: zone))
                #expect(previous <= time && time < next, "\(schedule) in \(identifier) after \(time)")
                #expect(
                    schedule.next(after: previous, in: zone) == next,
                    "\(schedule) in \(identifier) after \(time)",
                )
            }
        }
    }
}
