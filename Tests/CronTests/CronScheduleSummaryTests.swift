import Cron
import Testing

struct CronScheduleSummaryTests {
    @Test(
        arguments: [
            ("* * * * *", "every minute"), ("*/15 * * * *", "every 15 minutes"), ("0 * * * *", "every hour"),
            ("5 * * * *", "at minute 5 of every hour"), ("0,30 * * * *", "every 30 minutes"),
            ("*/7 * * * *", "at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour"),
            ("0-10,20 * * * *", "at minutes 0 to 10 and 20 of every hour"), ("@hourly", "every hour"),
            ("0 */2 * * *", "every 2 hours"), ("5 */6 * * *", "at 00:05, 06:05, 12:05 and 18:05 every day"),
            ("*/15 9-17 * * *", "every 15 minutes from 09:00 to 17:45 every day"),
            ("* 9-17 * * 1-5", "every minute from 09:00 to 17:59 on Monday to Friday"),
            ("0 9-17 * * *", "every hour from 09:00 to 17:00 every day"),
            ("5 9-17 * * *", "at minute 5 of hours 9 to 17 every day"),
            ("* */2 * * *", "at every minute of hours 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20 and 22 every day"),
            ("* * * * * *", "every second"), ("*/10 * * * * *", "every 10 seconds"), ("0 * * * * *", "every minute"),
            ("7,9 * * * * *", "at seconds 7 and 9 of every minute of every hour"),
            ("30 0 1 * * *", "at 01:00:30 every day"),
            ("*/20 5 9-17 * * *", "at seconds 0, 20 and 40 of minute 5 of hours 9 to 17 every day"),
            ("10 seconds", "every 10 seconds"), ("1 second", "every second"), ("@reboot", "when the server starts"),
            ("0 1 * * *", "at 01:00 every day"), ("@daily", "at 00:00 every day"),
            ("0 1,13 * * *", "at 01:00 and 13:00 every day"),
        ]
    )
    func tellsTimes(text: String, summary: String) throws {
        #expect(try CronSchedule(text).summary == summary)
    }

    @Test(
        arguments: [
            ("0 2 * * 1-5", "on Monday to Friday"), ("0 2 * * 0,6", "on Saturday and Sunday"),
            ("0 2 * * sun", "on Sunday"), ("0 2 * * */7", "on Sunday"),
            ("0 2 * * */2", "on Tuesday, Thursday, Saturday and Sunday"),
            ("0 2 $ * *", "on the last day of every month"),
            ("0 2 L-1 * *", "on the day before the last of every month"),
            ("0 2 L-3 * *", "on the day 3 days before the last of every month"),
            ("0 2 LW * *", "on the last weekday of every month"),
            ("0 2 15W * *", "on the weekday nearest to day 15 of every month"),
            ("0 2 1 * *", "on day 1 of every month"), ("0 2 1 1 *", "on day 1 of January"),
            ("0 2 1,15,L 1-3,6 *", "on days 1 and 15 and the last day of January to March and June"),
            ("0 2 * 1 *", "every day in January"), ("0 2 * 6 1", "on Monday in June"),
            ("0 2 13 * 5", "on day 13 of every month, and on Friday"),
            ("0 2 13 3 5", "on day 13 of March, and on Friday in March"),
            (
                "0 2 */8 * 1,7",
                "on days 1, 9, 17 and 25 of every month if that is Sunday or Monday",
            ),
            ("0 2 1-31 * 5", "every day"), ("0 2 13 * 0-7", "every day"), ("0 2 13 5 0-6", "every day in May"),
            ("0 2 * * MON#2", "on the second Monday of every month"), ("0 2 * 3 FRIL", "on the last Friday of March"),
            ("0 2 * * 1,FRIL", "on Monday, and on the last Friday of every month"),
            ("0 2 */10 * SUN#1", "on days 1, 11, 21 and 31 of every month if that is the first Sunday of the month"),
        ]
    )
    func tellsDays(text: String, days: String) throws {
        #expect(try CronSchedule(text).summary == "at 02:00 \(days)")
    }

    @Test func leavesOutEveryDayWhereItGoesWithoutSaying() throws {
        #expect(try CronSchedule("*/15 * * 1 *").summary == "every 15 minutes in January")
        #expect(try CronSchedule("*/15 * * * 1-5").summary == "every 15 minutes on Monday to Friday")
        #expect(try CronSchedule("5 * 1 * *").summary == "at minute 5 of every hour on day 1 of every month")
    }
}
