import Activity

extension Route.Match {
    /// The question behind a request for activity, with every parameter validated; nil for the other routes.
    func query(_ parameters: inout QueryParameters) throws(Problem) -> ActivityQuery? {
        switch route {
        case .dashboard:
            return ActivityQuery(.dashboard(days: try parameters.days()))
        case .collections:
            return ActivityQuery(.collections(days: try parameters.days()))
        case .actions:
            let days = try parameters.days()
            return ActivityQuery(.actions(days: days, collection: try parameters.name("collection")))
        case .hourly:
            let hours = try parameters.hours(default: 24)
            return ActivityQuery(.hourly(action: try parameters.name("action")), .newest(hours: hours))
        case .ips:
            let days = try parameters.days()
            let minimum = try parameters.integer("minActivity", default: 10, in: 1 ... .max)
            return ActivityQuery(.ips(days: days), .prefix(limit: try parameters.limit(), minimum: minimum))
        case .users:
            let days = try parameters.days()
            return ActivityQuery(.users(days: days), .prefix(limit: try parameters.limit(), minimum: 1))
        case .user:
            let id = try userID()
            return ActivityQuery(.user(id: id, days: try parameters.days(default: Windows.userDays)))
        case .securityAlerts:
            let hours = try parameters.hours(default: 1)
            let threshold = try parameters.integer("threshold", default: 100, in: 1 ... .max)
            return ActivityQuery(.alerts(hours: hours), .prefix(limit: .max, minimum: threshold))
        case .authEvents, .health, .cacheStatistics, .warmCache, .clearCache, .runJob, .metrics, .live, .ready:
            return nil
        }
    }

    /// The path parameter as a lower-case UUID.
    private func userID() throws(Problem) -> String {
        let groups = parameter.split(separator: "-", omittingEmptySubsequences: false)
        let isWellFormed =
            groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isHexDigit } }
        guard isWellFormed else {
            throw .badParameter("userId", parameter, accepted: "UUIDs such as 6b1c6dd4-3c2f-4b6e-9a55-0d9f6f1f7a10")
        }
        return parameter.lowercased()
    }
}

extension QueryParameters {
    fileprivate mutating func days(default: Int = 7) throws(Problem) -> Int {
        try integer("days", default: `default`, in: 1...Windows.longestDays)
    }

    fileprivate mutating func hours(default: Int) throws(Problem) -> Int {
        try integer("hours", default: `default`, in: 1...Windows.longestHours)
    }

    fileprivate mutating func limit() throws(Problem) -> Int {
        try integer("limit", default: 50, in: 1...1000)
    }
}
