import Cron

extension CronScheduleGrammarTests {
    /// A text, and what its error must say.
    struct Refused: CustomStringConvertible, Sendable {
        var text: String
        var field: CronParseError.Field
        var value: String
        var reason: String
        /// A part of what is accepted.
        var accepted: String

        init(_ text: String, _ field: CronParseError.Field, _ value: String, _ reason: String, _ accepted: String) {
            (self.text, self.field, self.value, self.reason, self.accepted) = (text, field, value, reason, accepted)
        }

        var description: String { text }
    }

    static let refusedByBoth: [Refused] = refusedShapes + refusedValues + refusedDays

    private static let refusedShapes = [
        Refused("", .schedule, "", "it has 0 fields", "five fields"),
        Refused("   ", .schedule, "", "it has 0 fields", "five fields"),
        Refused("*", .schedule, "*", "it has 1 field", "five fields"),
        Refused("* * * *", .schedule, "* * * *", "it has 4 fields", "five fields"),
        Refused("* * * * * * *", .schedule, "* * * * * * *", "it has 7 fields", "five fields"),
        Refused("0 0\n* * *", .schedule, "0 0\n* * *", "it has 4 fields", "five fields"),
        Refused("@restar", .schedule, "@restar", "there is no such word", "@restart"),
        Refused("@", .schedule, "@", "there is no such word", "@daily"),
        Refused("@ daily", .schedule, "@ daily", "there is no such word", "@daily"),
        Refused("@daily foo", .schedule, "@daily foo", "there is no such word", "@daily"),
        Refused("0 seconds", .interval, "0 seconds", "the number lies outside 1 to 59", "1 to 59 seconds"),
        Refused("60 seconds", .interval, "60 seconds", "the number lies outside 1 to 59", "1 to 59 seconds"),
        Refused(
            "99999999999999999999 second",
            .interval,
            "99999999999999999999 second",
            "the number lies outside 1 to 59",
            "1 to 59",
        ),
        Refused("4294967297 seconds", .interval, "4294967297 seconds", "the number lies outside 1 to 59", "1 to 59"),
        Refused("5 secondc", .interval, "5 secondc", "there is no such unit", "1 to 59 seconds"),
        Refused("5 secondss", .interval, "5 secondss", "there is no such unit", "1 to 59 seconds"),
        Refused("5 secon", .interval, "5 secon", "there is no such unit", "1 to 59 seconds"),
        Refused("-1 seconds", .interval, "-1 seconds", "it does not begin with a whole number", "1 to 59 seconds"),
        Refused("x second", .interval, "x second", "it does not begin with a whole number", "1 to 59 seconds"),
        Refused("seconds", .interval, "seconds", "it does not begin with a whole number", "1 to 59 seconds"),
        Refused("1.5 seconds", .interval, "1.5 seconds", "it does not begin with a whole number", "1 to 59 seconds"),
        Refused("5 minutes", .schedule, "5 minutes", "it has 2 fields", "five fields"),
        Refused("every 5 seconds", .schedule, "every 5 seconds", "it has 3 fields", "1 to 59 seconds"),
    ]

    private static let refusedValues = [
        Refused("60 * * * *", .minute, "60", "60 lies outside 0 to 59", "0 to 59, lists (a,b), ranges (a-b), steps"),
        Refused("* 24 * * *", .hour, "24", "24 lies outside 0 to 23", "0 to 23"),
        Refused("* * 0 * *", .dayOfMonth, "0", "0 lies outside 1 to 31", "1 to 31"),
        Refused("* * 32 * *", .dayOfMonth, "32", "32 lies outside 1 to 31", "1 to 31"),
        Refused("* * * 0 *", .month, "0", "0 lies outside 1 to 12", "1 to 12 or JAN to DEC"),
        Refused("* * * 13 *", .month, "13", "13 lies outside 1 to 12", "1 to 12 or JAN to DEC"),
        Refused("* * * * 8", .dayOfWeek, "8", "8 lies outside 0 to 7", "0 to 7 or SUN to SAT"),
        Refused("-1 * * * *", .minute, "-1", "a value is missing", "0 to 59"),
        Refused("5- * * * *", .minute, "5-", "a value is missing", "0 to 59"),
        Refused("1-2-3 * * * *", .minute, "1-2-3", "2-3 is no number", "0 to 59"),
        Refused("1--3 * * * *", .minute, "1--3", "-3 is no number", "0 to 59"),
        Refused("*/0 * * * *", .minute, "*/0", "0 lies outside 1 to 59", "a step of 1 to 59"),
        Refused("*/60 * * * *", .minute, "*/60", "60 lies outside 1 to 59", "a step of 1 to 59"),
        Refused("* */24 * * *", .hour, "*/24", "24 lies outside 1 to 23", "a step of 1 to 23"),
        Refused("* * */32 * *", .dayOfMonth, "*/32", "32 lies outside 1 to 31", "a step of 1 to 31"),
        Refused("* * * */13 *", .month, "*/13", "13 lies outside 1 to 12", "a step of 1 to 12"),
        Refused("* * * * */8", .dayOfWeek, "*/8", "8 lies outside 1 to 7", "a step of 1 to 7"),
        Refused("*/ * * * *", .minute, "*/", "a value is missing", "a step of 1 to 59"),
        Refused("*/-5 * * * *", .minute, "*/-5", "-5 is no number", "a step of 1 to 59"),
        Refused("*/5/2 * * * *", .minute, "*/5/2", "5/2 is no number", "a step of 1 to 59"),
        Refused("0 0 * */jan *", .month, "*/jan", "jan is no number or name", "a step of 1 to 12"),
        Refused("5/15 * * * *", .minute, "5/15", "a step needs a range or *", "a-59/n or */n"),
        Refused("10-5 * * * *", .minute, "10-5", "the range runs backwards", "5-10, or 10-59,0-5"),
        Refused("* * * 12-1 *", .month, "12-1", "the range runs backwards", "1-12, or 12,1"),
        Refused("* * * * fri-sun", .dayOfWeek, "fri-sun", "the range runs backwards", "5-7, as 7 is Sunday too"),
        Refused("0-60 * * * *", .minute, "0-60", "60 lies outside 0 to 59", "0 to 59"),
        Refused("1,60 * * * *", .minute, "60", "60 lies outside 0 to 59", "0 to 59"),
        Refused("1,,2 * * * *", .minute, "1,,2", "a value is missing beside a comma", "lists (a,b)"),
        Refused(",1 * * * *", .minute, ",1", "a value is missing beside a comma", "lists (a,b)"),
        Refused("1, * * * *", .minute, "1,", "a value is missing beside a comma", "lists (a,b)"),
        Refused("4294967296 * * * *", .minute, "4294967296", "4294967296 lies outside 0 to 59", "0 to 59"),
        Refused(
            "18446744073709551617 * * * *",
            .minute,
            "18446744073709551617",
            "18446744073709551617 lies outside 0 to 59",
            "0 to 59",
        ),
        Refused("** * * * *", .minute, "**", "** is no number", "0 to 59"),
        Refused("*5 * * * *", .minute, "*5", "*5 is no number", "0 to 59"),
        Refused("*-5 * * * *", .minute, "*-5", "* is no number", "0 to 59"),
        Refused("5x * * * *", .minute, "5x", "5x is no number", "0 to 59"),
        Refused("jan * * * *", .minute, "jan", "jan is no number", "0 to 59"),
        Refused("５ * * * *", .minute, "５", "５ is no number", "0 to 59"),
        Refused("? * * * *", .minute, "?", "? is no number", "0 to 59"),
        Refused("0 0 $foo * *", .dayOfMonth, "$foo", "$foo is no number", "1 to 31"),
        Refused("0 0 $-3 * *", .dayOfMonth, "$-3", "$ is no number", "1 to 31"),
        Refused("0 $ * * *", .hour, "$", "$ is no number", "0 to 23"),
        Refused("0 0 * janu *", .month, "janu", "janu is no number or name", "JAN to DEC"),
        Refused("0 0 * mon *", .month, "mon", "mon is no number or name", "JAN to DEC"),
        Refused("0 0 * * monday", .dayOfWeek, "monday", "monday is no number or name", "SUN to SAT"),
        Refused("0 0 * * jan", .dayOfWeek, "jan", "jan is no number or name", "SUN to SAT"),
        Refused("0 0 * * L", .dayOfWeek, "L", "L is no number or name", "SUN to SAT"),
    ]

    private static let refusedDays = [
        Refused("0 0 30 2 *", .dayOfMonth, "30", "day 30 never occurs in February", "a day that occurs"),
        Refused(
            "0 0 30,31 feb *",
            .dayOfMonth,
            "30,31",
            "days 30 and 31 never occur in February",
            "a day that occurs",
        ),
        Refused("0 0 31 4,6 *", .dayOfMonth, "31", "day 31 never occurs in April or June", "a day that occurs"),
        Refused(
            "0 0 31 2,4,6,9,11 */2",
            .dayOfMonth,
            "31",
            "day 31 never occurs in February, April, June, September or November",
            "a day",
        ),
    ]

    static let refusedByExtended = [
        Refused("60 * * * * *", .second, "60", "60 lies outside 0 to 59", "0 to 59"),
        Refused("* 60 * * * *", .minute, "60", "60 lies outside 0 to 59", "0 to 59"),
        Refused("0 0 L-0 * *", .dayOfMonth, "L-0", "0 lies outside 1 to 30", "L-1 to L-30"),
        Refused("0 0 L-31 * *", .dayOfMonth, "L-31", "31 lies outside 1 to 30", "L-1 to L-30"),
        Refused("0 0 L- * *", .dayOfMonth, "L-", "a value is missing", "L-1 to L-30"),
        Refused("0 0 LL * *", .dayOfMonth, "LL", "LL is no number", "15W"),
        Refused("0 0 W * *", .dayOfMonth, "W", "a value is missing", "15W"),
        Refused("0 0 32W * *", .dayOfMonth, "32W", "32 lies outside 1 to 31", "15W"),
        Refused("0 0 1-5W * *", .dayOfMonth, "1-5W", "1-5 is no number", "15W"),
        Refused("0 0 L/2 * *", .dayOfMonth, "L/2", "L is no number", "L-3"),
        Refused("0 0 * * 1#0", .dayOfWeek, "1#0", "0 lies outside 1 to 5", "1 to 5 after #"),
        Refused("* * * 2 1#6", .dayOfWeek, "1#6", "6 lies outside 1 to 5", "no month has a sixth"),
        Refused("0 0 * * 1#", .dayOfWeek, "1#", "a value is missing", "1 to 5 after #"),
        Refused("0 0 * * #2", .dayOfWeek, "#2", "a value is missing", "MON#2"),
        Refused("0 0 * * 8#2", .dayOfWeek, "8#2", "8 lies outside 0 to 7", "MON#2"),
        Refused("0 0 * * 1-5#2", .dayOfWeek, "1-5#2", "1-5 is no number or name", "MON#2"),
        Refused("0 0 * * 8L", .dayOfWeek, "8L", "8 lies outside 0 to 7", "FRIL"),
        Refused("0 0 * * 1-5L", .dayOfWeek, "1-5L", "1-5 is no number or name", "FRIL"),
        Refused("0 0 L-29 2 *", .dayOfMonth, "L-29", "no such day ever occurs in February", "a day that occurs"),
        Refused("0 0 31W 4 *", .dayOfMonth, "31W", "no such day ever occurs in April", "a day that occurs"),
        Refused("0 0 */15 2 1#5", .dayOfMonth, "*/15", "no such day ever occurs in February", "a day that occurs"),
    ]

    static let refusedByPgCron = [
        Refused(
            "* * * * * *",
            .schedule,
            "* * * * * *",
            "it has 6 fields",
            "minute, hour, day of month, month, day of week",
        ),
        Refused("0 0 L * *", .dayOfMonth, "L", "L is no number", "$ alone for the last day"),
        Refused("0 0 1,$ * *", .dayOfMonth, "$", "$ is no number", "$ alone for the last day"),
        Refused("0 0 $,1 * *", .dayOfMonth, "$", "$ is no number", "$ alone for the last day"),
        Refused("0 0 15W * *", .dayOfMonth, "15W", "15W is no number", "1 to 31"),
        Refused("0 0 * * 1#2", .dayOfWeek, "1#2", "1#2 is no number or name", "0 to 7 or SUN to SAT"),
        Refused("0 0 * * FRIL", .dayOfWeek, "FRIL", "FRIL is no number or name", "0 to 7 or SUN to SAT"),
        Refused("@DAILY", .schedule, "@DAILY", "there is no such word", "@daily"),
    ]
}
