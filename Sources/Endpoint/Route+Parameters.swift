extension Route {
    /// The parameters that are accepted, in the order in which they are documented.
    var parameters: [QueryParameter] {
        switch self {
        case .dashboard, .collections: [.days, .pretty]
        case .actions: [.days, .collection, .pretty]
        case .hourly: [.hours, .action, .pretty]
        case .ips: [.days, .minActivity, .limit, .pretty]
        case .users: [.days, .limit, .pretty]
        case .user: [.userDays, .pretty]
        case .securityAlerts: [.alertHours, .threshold, .pretty]
        case .alerts: [.status, .after, .alertLimit, .pretty]
        case .alertStream: [.streamAfter]
        case .health, .cacheStatistics, .openAPI: [.pretty]
        case .page, .live, .ready, .authEvents, .warmCache, .clearCache: []
        }
    }

    /// Whether it answers with JSON that may be indented. Said apart, as the table is made anew for whoever asks.
    var isPrettyPrinted: Bool {
        switch self {
        case .page, .live, .ready, .authEvents, .warmCache, .clearCache, .alertStream: false
        default: true
        }
    }
}
