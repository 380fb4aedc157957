/// From where on something is suspicious, and from where on it at least keeps an alert open.
struct Threshold: Sendable {
    let limit: Int
    /// The smallest number that keeps an alert open.
    let clear: Int

    init(_ limit: Int, clearAt: Double) {
        self.limit = limit
        clear = min(limit, Int((Double(limit) * clearAt).rounded(.up)))
    }

    func isReached(by count: Int) -> Bool { count >= limit }
    func isNear(_ count: Int) -> Bool { count >= clear }
}

/// Numbers and times as reasons say them.
enum Wording {
    /// "10 minutes", "24 hours", "90 seconds".
    static func duration(_ seconds: Int) -> String {
        switch seconds {
        case 172_800... where seconds % 86_400 == 0: "\(seconds / 86_400) days"
        case 7200... where seconds % 3600 == 0: "\(seconds / 3600) hours"
        case 3600: "an hour"
        case 120... where seconds % 60 == 0: "\(seconds / 60) minutes"
        case 60: "a minute"
        case 1: "a second"
        default: "\(seconds) seconds"
        }
    }

    /// "7 failed logins".
    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
