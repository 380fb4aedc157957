import Cron
import Testing

struct CronParseErrorTests {
    @Test func saysWhatWhereAndWhatElse() {
        let error = #expect(throws: CronParseError.self) { try CronSchedule("0 0 * * fri-mon", dialect: .pgCron) }
        #expect(
            error?.description
                == "day of week \"fri-mon\" is refused: the range runs backwards; accepted: 1-5, or 5-7,0-1"
        )
    }

    @Test func quotesAtMost40Characters() {
        let long = String(repeating: "é", count: 400)
        let error = #expect(throws: CronParseError.self) { try CronSchedule("\(long) * * * *") }
        #expect(error?.value == String(repeating: "é", count: 40) + "…")
        #expect((error?.description.count ?? .max) < 300)
    }

    @Test(
        arguments: zip(
            CronParseError.Field.allCases,
            ["schedule", "interval", "second", "minute", "hour", "day of month", "month", "day of week"],
        )
    )
    func namesFields(field: CronParseError.Field, name: String) {
        #expect(field.rawValue == name)
    }
}
