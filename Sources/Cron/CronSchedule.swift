/// When a job is due: a cron expression, a number of seconds, or the start of the server.
///
/// Equal schedules have equal texts. Days, hours and minutes are those of a zone's wall clock; the module's page
/// holds the grammar and the rules of daylight saving time.
public struct CronSchedule: Sendable, Hashable {
    /// Which texts are schedules.
    public enum Dialect: Sendable {
        /// What `cron.schedule` of pg_cron 1.6 accepts.
        case pgCron
        /// pg_cron's and more: a leading field of seconds, `L`, `L-n`, `LW`, `nW`, `n#k`, `nL`.
        case extended
    }

    /// The text as it was given.
    public let text: String
    let rule: Rule

    enum Rule: Sendable, Hashable {
        case reboot
        case interval(seconds: Int)
        case fields(CronFields)
    }

    /// A schedule from its text.
    ///
    /// - Parameters:
    ///   - text: at most 999 bytes.
    ///   - dialect: the grammar to read it by.
    /// - Throws: what was refused, and what is accepted; also for a schedule that can never fire.
    public init(_ text: String, dialect: Dialect = .extended) throws(CronParseError) {
        self.text = text
        rule = try ScheduleParser(dialect: dialect).rule(text)
    }

    /// Whether the job is due when the server starts, and at no time of its own: `@reboot` or `@restart`.
    public var isReboot: Bool { rule == .reboot }

    /// The seconds between two slots of `N seconds`, 1 to 59; nil for any other schedule.
    public var interval: Int? {
        if case .interval(let seconds) = rule { seconds } else { nil }
    }

    /// Whether the job is due in both passes of an hour that a zone repeats.
    ///
    /// So it is for `N seconds`, and where the hour field begins with `*`.
    public var runsInRepeatedHour: Bool {
        switch rule {
        case .reboot: false
        case .interval: true
        case .fields(let fields): fields.isHourWildcard
        }
    }

    /// The first nominal time after another.
    ///
    /// - Parameters:
    ///   - time: any time; the answer is later.
    ///   - zone: the zone of the wall clock; without effect on `N seconds`.
    /// - Returns: nil for `@reboot`, and past the year 9999.
    public func next(after time: NominalTime, in zone: TimeZoneRules) -> NominalTime? {
        guard time < .latest else { return nil }
        let instant = max(Int(time.secondsSince1970), Int(NominalTime.earliest.secondsSince1970) - 1)
        return switch rule {
        case .reboot: nil
        case .interval(let seconds): Self.bounded(instant - instant.flooredDivision(by: seconds).remainder + seconds)
        case .fields(let fields): Self.bounded(fields.next(after: instant, in: zone))
        }
    }

    /// The last nominal time before another.
    ///
    /// - Parameters:
    ///   - time: any time; the answer is earlier.
    ///   - zone: the zone of the wall clock; without effect on `N seconds`.
    /// - Returns: nil for `@reboot`, and before the year 1.
    public func previous(before time: NominalTime, in zone: TimeZoneRules) -> NominalTime? {
        guard time > .earliest else { return nil }
        let instant = min(Int(time.secondsSince1970), Int(NominalTime.latest.secondsSince1970) + 1)
        return switch rule {
        case .reboot: nil
        case .interval(let seconds): Self.bounded(instant - 1 - (instant - 1).flooredDivision(by: seconds).remainder)
        case .fields(let fields): Self.bounded(fields.previous(before: instant, in: zone))
        }
    }

    private static func bounded(_ instant: Int?) -> NominalTime? {
        guard let instant else { return nil }
        let time = NominalTime(secondsSince1970: Int64(instant))
        return time < .earliest || time > .latest ? nil : time
    }
}

extension CronSchedule: CustomStringConvertible {
    /// The text as it was given.
    public var description: String { text }
}
