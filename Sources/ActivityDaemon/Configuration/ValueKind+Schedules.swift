import Cron
import Scheduling

extension ValueKind where Value == CronSchedule {
    /// A schedule in the larger of the two dialects, and not one that waits for a restart of the server.
    static var schedule: Self {
        ValueKind(
            accepted: "five cron fields, a sixth before them for seconds, 1 to 59 seconds, or @daily and the like",
            isList: false,
            parse: { value throws(RefusedValue) in
                guard case .text(let text) = value else { throw RefusedValue.list }
                let schedule: CronSchedule
                do throws(CronParseError) {
                    schedule = try CronSchedule(text.trimmed)
                } catch {
                    throw RefusedValue(text, because: "\(error.field.rawValue): \(error.reason)")
                }
                guard !schedule.isReboot else { throw RefusedValue(text) }
                return schedule
            },
            format: \.text,
        )
    }
}

extension ValueKind where Value == String {
    /// A zone of this machine, or nothing.
    static var timeZone: Self {
        .scalar("a time zone of this machine, such as UTC or Europe/Berlin", format: \.self) { text in
            let name = text.trimmed
            guard !name.isEmpty else { return "" }
            return (try? TimeZoneDatabase().rules(name)).map { _ in name }
        }
    }
}
