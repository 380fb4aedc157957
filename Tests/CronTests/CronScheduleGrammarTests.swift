import Cron
import Testing

/// What is a schedule, and which one.
struct CronScheduleGrammarTests {
    static let bothDialects: [CronSchedule.Dialect] = [.pgCron, .extended]

    @Test(
        arguments: [
            "* * * * *", "*/5 * * * *", "0,30 * * * *", "0-10 * * * *", "0-30/5 * * * *", "1,2-4,*/20 * * * *",
            "*,5 * * * *", "59 23 31 12 7", "00 00 01 01 00", "0 0 * JAN Mon", "0 0 * jan-mar,DEC mon-FRI/2",
            "0 0 * * sun-sat", "0 0 * * 5-7", "0 0 $ * *", "0\t0 \t* * *", "  0 0 * * *", "\t0 0 * * *  ",
            "0 0 * * *\n", "*/59 */23 */31 */12 */7", "0 0 29 2 *", "0 0 30 2 1", "0 0 31 2,3 *", "5-5 * * * *",
            "@reboot", "@restart", "@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually",
            "  @daily ", "1 second", "1 seconds", "59 seconds", "5 SECONDS", "5 SecondS", "  7  seconds  ", "5seconds",
            "05 seconds", "30\tseconds", "000000000000000000000000000005 0 * * *",
        ],
        bothDialects,
    )
    func accepts(text: String, dialect: CronSchedule.Dialect) throws {
        #expect(try CronSchedule(text, dialect: dialect).text == text)
    }

    @Test(arguments: refusedByBoth, bothDialects)
    func refuses(case refused: Refused, dialect: CronSchedule.Dialect) {
        expectRefusal(refused, dialect)
    }

    @Test(
        arguments: [
            "0 0 L * *", "0 0 l * *", "0 0 L-3 * *", "0 0 L-30 * *", "0 0 LW * *", "0 0 lw * *", "0 0 15W * *",
            "0 0 1w * *", "0 0 1,15,L * *", "0 0 1,$ * *", "0 0 L,L-1,LW,15W,3-5,*/10 * *", "0 0 * * 1#2",
            "0 0 * * mon#2", "0 0 * * SUN#5", "0 0 * * 7#1", "0 0 * * 5L", "0 0 * * FRIL", "0 0 * * fril",
            "0 0 * * 0l", "0 0 * * 1-5,SATL,SUN#1", "0 0 * 2 1#5", "0 0 L-28 2 *", "*/10 * * * * *", "30 0 12 * * MON",
            "59 59 23 31 12 7", "@DAILY", "@Reboot",
        ]
    )
    func onlyTheExtendedDialectAccepts(text: String) throws {
        #expect(try CronSchedule(text, dialect: .extended).text == text)
        #expect(throws: CronParseError.self) { try CronSchedule(text, dialect: .pgCron) }
    }

    @Test(arguments: refusedByExtended)
    func extendedRefuses(case refused: Refused) {
        expectRefusal(refused, .extended)
    }

    @Test(arguments: refusedByPgCron)
    func pgCronRefuses(case refused: Refused) {
        expectRefusal(refused, .pgCron)
    }

    @Test func acceptsUpTo999Bytes() throws {
        let blanks = String(repeating: " ", count: 990)
        #expect(throws: Never.self) { try CronSchedule("\(blanks)* * * * *", dialect: .pgCron) }
        let error = #expect(throws: CronParseError.self) { try CronSchedule("\(blanks)* * * * * ", dialect: .pgCron) }
        #expect(error?.field == .schedule)
        #expect(error?.reason == "it has 1000 bytes")
        #expect(error?.accepted == "at most 999 bytes")
    }

    @Test(
        arguments: [
            ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
            ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"),
        ]
    )
    func wordsMeanExpressions(word: String, expression: String) throws {
        try expectSame(word, expression)
    }

    @Test(
        arguments: [
            ("0 0 * * 7", "0 0 * * 0"), ("0 0 * * sun", "0 0 * * SUN"), ("0 0 * * 5-7", "0 0 * * 0,5,6"),
            ("0 0 * * 1-7/2", "0 0 * * 0,1,3,5"), ("0 0 * jan,MAR *", "0 0 * 1,3 *"),
            ("*/20 * * * *", "0,20,40 * * * *"),
            ("5-20/7 * * * *", "5,12,19 * * * *"), ("0 0 */10 * *", "0 0 1,11,21,31 * *"), ("0 0 $ * *", "0 0 L * *"),
            ("0 0 * */5 *", "0 0 * 1,6,11 *"), ("0 0 0 * * *", "0 0 * * *"), ("0 0 * * mon-wed", "0 0 * * 1,2,3"),
            ("0 0 * * 7#2", "0 0 * * SUN#2"), ("0 0 * * 7L", "0 0 * * sunl"), ("1,1,1 * * * *", "1 * * * *"),
        ]
    )
    func saysTheSame(text: String, other: String) throws {
        try expectSame(text, other)
    }

    @Test func knowsTheServersStart() throws {
        for text in ["@reboot", "@restart"] {
            let schedule = try CronSchedule(text)
            #expect(schedule.isReboot)
            #expect(!schedule.runsInRepeatedHour)
            #expect(schedule.interval == nil)
            #expect(schedule.next(after: NominalTime(secondsSince1970: 0), in: .utc) == nil)
            #expect(schedule.previous(before: NominalTime(secondsSince1970: 0), in: .utc) == nil)
        }
    }

    @Test(
        arguments: [
            ("* * * * *", true), ("0 */2 * * *", true), ("0 *,3 * * *", true), ("@hourly", true), ("5 seconds", true),
            ("0 0-23 * * *", false), ("0 3,*/2 * * *", false), ("* 2 * * *", false), ("@daily", false),
            ("0 30 2 * * *", false), ("0 30 * * * *", true), ("* * 2 * * *", false),
        ]
    )
    func knowsWhetherItRunsInARepeatedHour(text: String, expected: Bool) throws {
        let schedule = try CronSchedule(text)
        #expect(schedule.runsInRepeatedHour == expected)
        #expect(!schedule.isReboot)
    }

    @Test func knowsItsInterval() throws {
        #expect(try CronSchedule(" 05 Seconds").interval == 5)
        #expect(try CronSchedule("* * * * *").interval == nil)
    }

    /// Two texts fire at the same 200 times.
    private func expectSame(_ text: String, _ other: String) throws {
        let (one, two) = (try CronSchedule(text), try CronSchedule(other))
        var time = NominalTime(secondsSince1970: 1_700_000_000)
        for _ in 0..<200 {
            let next = try #require(one.next(after: time, in: .utc))
            #expect(two.next(after: time, in: .utc) == next)
            time = next
        }
    }

    private func expectRefusal(_ refused: Refused, _ dialect: CronSchedule.Dialect) {
        let error = #expect(throws: CronParseError.self) { try CronSchedule(refused.text, dialect: dialect) }
        #expect(error?.field == refused.field)
        #expect(error?.value == refused.value)
        #expect(error?.reason == refused.reason)
        #expect(error?.accepted.contains(refused.accepted) == true, "\(error?.accepted ?? "")")
    }
}
