/// The times of the day of a schedule in words.
struct TimeSummary {
    let fields: CronFields

    private static let allHours: BitMask = .range(0...23)
    private static let allOfSixty: BitMask = .range(0...59)

    /// Such as `at 01:00` or `every 15 minutes`.
    var text: String {
        if let times { return "at \(Wording.list(times, joiner: "and"))" }
        if let period { return period }
        if fields.seconds == .only(0), let window { return window }
        return "at \(seconds)\(minutes) of \(hours)"
    }

    /// Whether the words leave no hour out, so that `every day` goes without saying.
    var isAroundTheClock: Bool { times == nil && (period != nil || fields.hours == Self.allHours) }

    /// The times themselves, when they are few.
    private var times: [String]? {
        let count = fields.hours.nonzeroBitCount * fields.minutes.nonzeroBitCount * fields.seconds.nonzeroBitCount
        guard count <= 6 else { return nil }
        return fields.hours.members.flatMap { hour in
            fields.minutes.members.flatMap { minute in
                fields.seconds.members.map { second in clock(hour, minute, second) }
            }
        }
    }

    /// `every hour`, when equal steps lead through the whole day.
    private var period: String? {
        let (hours, minutes, seconds) = (fields.hours, fields.minutes, fields.seconds)
        if hours == Self.allHours, minutes == Self.allOfSixty, let step = step(seconds, of: 60) {
            return every(step, "second", "minute")
        }
        guard seconds == .only(0) else { return nil }
        if hours == Self.allHours, let step = step(minutes, of: 60) { return every(step, "minute", "hour") }
        guard minutes == .only(0), let step = step(hours, of: 24) else { return nil }
        return every(step, "hour", "day")
    }

    /// `every 15 minutes from 09:00 to 17:45`, for neighbouring hours.
    private var window: String? {
        let (hours, minutes) = (fields.hours, fields.minutes)
        guard hours == .range(hours.lowest...hours.highest), let step = step(minutes, of: 60) else { return nil }
        let end = clock(hours.highest, minutes.highest, 0)
        return "\(every(step, "minute", "hour")) from \(clock(hours.lowest, 0, 0)) to \(end)"
    }

    private var seconds: String {
        fields.seconds == .only(0) ? "" : "\(Wording.counted("second", fields.seconds)) of "
    }

    private var minutes: String {
        fields.minutes == Self.allOfSixty ? "every minute" : Wording.counted("minute", fields.minutes)
    }

    private var hours: String {
        fields.hours == Self.allHours ? "every hour" : Wording.counted("hour", fields.hours)
    }

    /// The step of a set that holds every n-th number from 0 on, where n divides the whole.
    private func step(_ mask: BitMask, of whole: Int) -> Int? {
        guard mask.contains(0) else { return nil }
        let step = mask.first(from: 1) ?? whole
        guard whole % step == 0 else { return nil }
        return mask == stride(from: 0, to: whole, by: step).reduce(0) { $0 | .only($1) } ? step : nil
    }

    private func every(_ step: Int, _ unit: String, _ whole: String) -> String {
        switch step {
        case 1: "every \(unit)"
        case 24 where unit == "hour", 60: "every \(whole)"
        default: "every \(step) \(unit)s"
        }
    }

    private func clock(_ hour: Int, _ minute: Int, _ second: Int) -> String {
        let time = "\(hour.padded(to: 2)):\(minute.padded(to: 2))"
        return fields.seconds == .only(0) ? time : "\(time):\(second.padded(to: 2))"
    }
}
