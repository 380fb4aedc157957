package import Cron

extension Job {
    /// A slot to come.
    package struct PreviewedSlot: Sendable, Encodable {
        /// RFC 3339 with the zone's offset, such as `2026-03-29T03:00:00+02:00`, or `Z` where there is none.
        package var at: String
        /// How the zone's clock is set between the slot before and this one, such as `+1 h`; nil when it is not.
        package var clockChange: String?
    }

    /// The slots after a time: none for a job that runs when the server starts.
    package func preview(after time: NominalTime, count: Int) -> [PreviewedSlot] {
        var slots: [PreviewedSlot] = []
        var last = time
        while slots.count < count, let next = schedule.next(after: last, in: timeZone) {
            let change = timeZone.offset(at: next) - timeZone.offset(at: last)
            slots.append(
                PreviewedSlot(at: local(next), clockChange: change == 0 ? nil : Self.clockChange(seconds: change))
            )
            last = next
        }
        return slots
    }

    private func local(_ time: NominalTime) -> String {
        let offset = timeZone.offset(at: time)
        guard offset != 0 else { return time.description }
        let wall = NominalTime(secondsSince1970: time.secondsSince1970 + Int64(offset))
        let minutes = abs(offset) / 60
        let digits = [minutes / 60, minutes % 60].map { String("\(100 + $0)".dropFirst()) }
        return "\(wall.description.dropLast())\(offset < 0 ? "-" : "+")\(digits[0]):\(digits[1])"
    }

    private static func clockChange(seconds: Int) -> String {
        let sign = seconds < 0 ? "-" : "+"
        let minutes = abs(seconds) / 60
        return minutes % 60 == 0 ? "\(sign)\(minutes / 60) h" : "\(sign)\(minutes) min"
    }
}
