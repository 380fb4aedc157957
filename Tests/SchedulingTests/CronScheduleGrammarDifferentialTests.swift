import Cron
import PostgresClient
import TestServers
import Testing

/// The schedules that `cron.schedule` takes are the ones that the daemon can read, and no others.
struct CronScheduleGrammarDifferentialTests {
    /// Texts near to schedules: pieces of schedules, put together at random.
    private static func texts(_ count: Int) -> [String] {
        var generator = SystemRandomNumberGenerator()
        let values = [
            "*", "*/5", "*/60", "*/0", "0", "1", "7", "8", "12", "23", "24", "30", "31", "32", "59", "60", "-1", "1-5",
            "5-1",
            "1-5/2", "5/15", "1,2", "1,,2", "jan", "FEB", "mon", "Sun", "fri-sun", "sun-fri", "$", "L", "00007",
            "30,31", "*,5", "**",
            "99999999999", "2", "feb", "4,6", "29", "1-31", "0-7", "6-7", "",
        ]
        let others = [
            "1 second", "59 SECONDS", "60 seconds", " 5  seconds ", "5seconds", "0 seconds", "05 second", "5 secondc",
            "@daily",
            "@Daily", "@reboot", "@restar", "@annually ", "5\tseconds", "5\nseconds", "5 \n seconds", "\n@hourly",
            "@ hourly",
            String(repeating: " ", count: 995) + "@daily", "００ * * * *", "5 ſeconds", "0 0 1 ſep *", "+5 seconds",
            "1e1 seconds",
        ]
        let separators = [" ", " ", " ", "  ", "\t", "\n"]
        return others
            + (0..<count).map { _ in
                let fields = Int.random(in: 0..<20, using: &generator) == 0 ? Int.random(in: 3...7) : 5
                return (0..<fields).map { _ in
                    let isPlain = Int.random(in: 0..<3, using: &generator) > 0
                    let value = isPlain ? "*" : values.randomElement(using: &generator) ?? "*"
                    return value + (separators.randomElement(using: &generator) ?? " ")
                }.joined()
            }
    }

    @Test func agreesWithTheParser() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        let texts = Self.texts(20_000)
        let answers: [Bool] = try await database.client.query(
            "SELECT cron.is_schedule(text) FROM unnest($1::text[]) WITH ORDINALITY AS t (text, n) ORDER BY n",
            [.textArray(texts)],
        ).map { try $0.value(0) }
        var accepted = 0
        for (text, answer) in zip(texts, answers) {
            let isRead = (try? CronSchedule(text, dialect: .pgCron)) != nil
            if answer { accepted += 1 }
            #expect(isRead == answer, "\(text.debugDescription)")
        }
        #expect(accepted > 1000 && accepted < texts.count - 1000)
    }
}
