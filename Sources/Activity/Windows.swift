/// The windows that are rendered ahead; every other one is computed when it is asked for.
public struct Windows: Hashable, Sendable {
    /// Windows of whole days, ascending.
    public var days: [Int]
    /// Windows of the hourly series, ascending.
    public var hours: [Int]
    /// Windows of the security alerts in hours, ascending.
    public var alertHours: [Int]

    /// The window of the documents of single users, in days.
    public static let userDays = 30
    /// The longest window that a reader may ask for, in days.
    public static let longestDays = 366
    /// The longest series that a reader may ask for, in hours.
    public static let longestHours = 744

    /// Windows in any order; duplicates are dropped.
    ///
    /// - Parameters:
    ///   - days: lengths in days, 1…366.
    ///   - hours: lengths of hourly series, 1…744.
    ///   - alertHours: lengths of the windows of security alerts, 1…24.
    public init(days: [Int] = [1, 7, 14, 30, 90], hours: [Int] = [24, 48, 168], alertHours: [Int] = [1, 6, 24]) {
        self.days = Set(days).sorted()
        self.hours = Set(hours).sorted()
        self.alertHours = Set(alertHours).sorted()
    }
}
