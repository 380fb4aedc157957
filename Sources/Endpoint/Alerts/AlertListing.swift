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

    /// - Parameter status: one of the words that the parameter accepts; nil when it was not given.
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
