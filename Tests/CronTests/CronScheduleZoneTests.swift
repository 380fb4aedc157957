import Cron
import Testing

/// Gaps, folds and days that a zone leaves out, case by case.
struct CronScheduleZoneTests {
    /// A schedule in a zone, and all that it does within a stretch of time.
    struct Case: CustomStringConvertible, Sendable {
        var text: String
        var zone: String
        var from: String
        var to: String
        var firings: [String]

        init(_ text: String, _ zone: String, _ from: String, _ to: String, _ firings: [String]) {
            (self.text, self.zone, self.from, self.to, self.firings) = (text, zone, from, to, firings)
        }

        var description: String { "\(text) in \(zone) from \(from)" }
    }

    static let gaps = [
        // 02:00 becomes 03:00.
        Case(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-03-28T12:00:00Z",
            "2026-03-30T12:00:00Z",
            ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
        ),
        Case(
            "*/15 2 * * *",
            "Europe/Berlin",
            "2026-03-29T00:00:00Z",
            "2026-03-29T12:00:00Z",
            ["2026-03-29T01:00:00Z"],
        ),
        Case(
            "30 2,3 * * *",
            "Europe/Berlin",
            "2026-03-29T00:00:00Z",
            "2026-03-29T12:00:00Z",
            ["2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"],
        ),
        Case("0 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z", ["2026-03-29T01:00:00Z"]),
        Case(
            "30 * * * *",
            "Europe/Berlin",
            "2026-03-29T00:00:00Z",
            "2026-03-29T03:00:00Z",
            ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z"],
        ),
        Case(
            "30 */2 * * *",
            "Europe/Berlin",
            "2026-03-28T23:00:00Z",
            "2026-03-29T03:00:00Z",
            ["2026-03-28T23:30:00Z", "2026-03-29T02:30:00Z"],
        ),
        Case(
            "30 30 2 * * *",
            "Europe/Berlin",
            "2026-03-29T00:00:00Z",
            "2026-03-29T12:00:00Z",
            ["2026-03-29T01:00:00Z"],
        ),
        // Half an hour from 02:00 to 02:30.
        Case(
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2026-10-03T00:00:00Z",
            "2026-10-04T12:00:00Z",
            ["2026-10-03T15:30:00Z"],
        ),
        // Two hours from 01:00 to 03:00.
        Case(
            "0 1,2 * * *",
            "Antarctica/Troll",
            "2026-03-29T00:00:00Z",
            "2026-03-29T12:00:00Z",
            ["2026-03-29T01:00:00Z"],
        ),
        // Midnight itself, at three places.
        Case(
            "0 0 * * *",
            "America/Sao_Paulo",
            "2018-11-03T12:00:00Z",
            "2018-11-05T12:00:00Z",
            ["2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"],
        ),
        Case("@daily", "Asia/Beirut", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", ["2026-03-28T22:00:00Z"]),
        Case("0 0 * * 5", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-25T12:00:00Z", ["2026-04-23T22:00:00Z"]),
        // The day before the gap does not borrow it.
        Case("0 0 * * 4", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-25T12:00:00Z", []),
        // Samoa left out Friday, 30 December 2011.
        Case(
            "0 9 * * *",
            "Pacific/Apia",
            "2011-12-29T12:00:00Z",
            "2011-12-31T12:00:00Z",
            ["2011-12-29T19:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T19:00:00Z"],
        ),
        Case("0 9 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", "2012-01-31T00:00:00Z", ["2011-12-30T10:00:00Z"]),
        Case(
            "*/5 9-17 * * 5",
            "Pacific/Apia",
            "2011-12-30T00:00:00Z",
            "2012-01-05T00:00:00Z",
            ["2011-12-30T10:00:00Z"],
        ),
        Case("0 * 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", "2012-01-31T00:00:00Z", []),
    ]

    static let folds = [
        // 03:00 becomes 02:00.
        Case("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", ["2026-10-25T00:30:00Z"]),
        Case("0 3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", ["2026-10-25T02:00:00Z"]),
        Case("0 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", ["2026-10-25T00:00:00Z"]),
        Case(
            "30 * * * *",
            "Europe/Berlin",
            "2026-10-25T00:00:00Z",
            "2026-10-25T03:00:00Z",
            ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"],
        ),
        Case(
            "30 */2 * * *",
            "Europe/Berlin",
            "2026-10-25T00:00:00Z",
            "2026-10-25T03:00:00Z",
            ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"],
        ),
        Case(
            "*/30 1-3 * * *",
            "Europe/Berlin",
            "2026-10-24T12:00:00Z",
            "2026-10-25T12:00:00Z",
            [
                "2026-10-24T23:00:00Z", "2026-10-24T23:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z",
                "2026-10-25T02:00:00Z", "2026-10-25T02:30:00Z",
            ],
        ),
        Case(
            "45 1 * * *",
            "Australia/Lord_Howe",
            "2026-04-04T00:00:00Z",
            "2026-04-05T00:00:00Z",
            ["2026-04-04T14:45:00Z"],
        ),
        Case(
            "45 * * * *",
            "Australia/Lord_Howe",
            "2026-04-04T14:00:00Z",
            "2026-04-04T16:00:00Z",
            ["2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"],
        ),
        // Midnight comes twice: the second 23:30 is Saturday's too.
        Case(
            "30 23 * * 6",
            "America/Sao_Paulo",
            "2018-02-17T12:00:00Z",
            "2018-02-18T12:00:00Z",
            ["2018-02-18T01:30:00Z"],
        ),
        Case("0 0 * * *", "America/Havana", "2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z", ["2026-11-01T04:00:00Z"]),
        Case(
            "0 * * * *",
            "America/Havana",
            "2026-11-01T03:00:00Z",
            "2026-11-01T07:00:00Z",
            ["2026-11-01T03:00:00Z", "2026-11-01T04:00:00Z", "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"],
        ),
        // Daylight saving time is suspended for Ramadan.
        Case(
            "30 2 * * *",
            "Africa/Casablanca",
            "2026-02-14T12:00:00Z",
            "2026-02-15T12:00:00Z",
            ["2026-02-15T01:30:00Z"],
        ),
        Case(
            "30 2 * * *",
            "Africa/Casablanca",
            "2026-03-21T12:00:00Z",
            "2026-03-22T12:00:00Z",
            ["2026-03-22T02:00:00Z"],
        ),
        // An interval pays no heed to clocks.
        Case(
            "30 seconds",
            "Europe/Berlin",
            "2026-10-25T00:59:00Z",
            "2026-10-25T01:01:00Z",
            ["2026-10-25T00:59:00Z", "2026-10-25T00:59:30Z", "2026-10-25T01:00:00Z", "2026-10-25T01:00:30Z"],
        ),
    ]

    @Test(arguments: gaps)
    func firesOnceAfterAGap(case one: Case) throws {
        try expectFirings(one)
    }

    @Test(arguments: folds)
    func firesInTheFirstPassOrBoth(case one: Case) throws {
        try expectFirings(one)
    }

    /// Clocks go back from 12:00 to 10:00, and half an hour later on from 10:30 to 11:30.
    @Test func aGapWithinAFoldRepeatsNothing() throws {
        let file = SyntheticZone(transitions: [(43_200, 1), (45_000, 2)], offsets: [0, -7_200, -3_600], footer: "")
        let zone = try TimeZoneRules(identifier: "x", tzif: file.bytes)
        let next = { (text: String, instant: Int64) in
            try CronSchedule(text).next(after: NominalTime(secondsSince1970: instant), in: zone)?.secondsSince1970
        }
        #expect(try next("45 10 * * *", 0) == 38_700)
        #expect(try next("45 10 * * *", 38_700) == 38_700 + 86_400 + 3_600)
        #expect(try next("15 12 * * *", 0) == 47_700)
        #expect(try next("15 10 * * *", 36_900) == 36_900 + 86_400 + 3_600)
        #expect(try next("15 * * * *", 43_199) == 44_100)
        #expect(try next("15 * * * *", 44_100) == 47_700)
    }

    private func expectFirings(_ one: Case) throws {
        let (schedule, zone) = (try CronSchedule(one.text), try ZoneFiles.rules(one.zone))
        let (from, to) = (try NominalTime(one.from), try NominalTime(one.to))
        var forwards: [String] = []
        var time = NominalTime(secondsSince1970: from.secondsSince1970 - 1)
        while let next = schedule.next(after: time, in: zone), next < to {
            forwards.append("\(next)")
            time = next
        }
        #expect(forwards == one.firings)

        var backwards: [String] = []
        time = to
        while let previous = schedule.previous(before: time, in: zone), previous >= from {
            backwards.append("\(previous)")
            time = previous
        }
        #expect(backwards.reversed() == one.firings)
    }
}
