extension CronSchedule {
    /// The schedule in words, such as `every 15 minutes` or `at 02:00 on Monday to Friday`.
    ///
    /// Equal words do not mean equal schedules: the behaviour in a repeated hour is not told.
    public var summary: String {
        switch rule {
        case .reboot:
            return "when the server starts"
        case .interval(let seconds):
            return seconds == 1 ? "every second" : "every \(seconds) seconds"
        case .fields(let fields):
            let time = TimeSummary(fields: fields)
            if let days = DaySummary(rule: fields.dayRule).text {
                let isEveryDay = days.hasPrefix("in ") && !time.isAroundTheClock
                return "\(time.text) \(isEveryDay ? "every day " : "")\(days)"
            }
            return time.isAroundTheClock ? time.text : "\(time.text) every day"
        }
    }
}
