/// Which alerts, or which events of alerts, a reader wants.
struct AlertListing: Sendable, Equatable {
    enum Subject: Sendable, Equatable {
        /// Alerts, the newest first.
        case alerts
        /// Events after a sequence, in order.
        case events(after: Int64)
    }

    let subject: Subject
    /// The states of alerts that are wanted.
    let statuses: Set<String>
    let limit: Int

    /// A listing as its parameters say.
    ///
    /// - Parameters:
    ///   - status: one of the words that are accepted; nil when it was not given.
    ///   - after: the sequence; nil for alerts.
    ///   - limit: the most that is shown.
    init(status: String?, after: Int?, limit: Int) {
        subject = after.map { .events(after: Int64($0)) } ?? .alerts
        self.limit = limit
        switch status ?? (after == nil ? "firing" : "all") {
        case "open": statuses = ["firing", "pending"]
        case "all": statuses = ["firing", "pending", "resolved"]
        case let one: statuses = [one]
        }
    }
}
