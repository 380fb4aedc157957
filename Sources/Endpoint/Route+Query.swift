import Activity
import NIOHTTP1

extension Route.Match {
    /// What a request wants to know.
    func question(_ parameters: inout QueryParameters, _ headers: HTTPHeaders) throws(Problem) -> Question {
        switch route {
        case .dashboard:
            return .activity(ActivityQuery(.dashboard(days: try parameters.number(.days))))
        case .collections:
            return .activity(ActivityQuery(.collections(days: try parameters.number(.days))))
        case .actions:
            let days = try parameters.number(.days)
            return .activity(ActivityQuery(.actions(days: days, collection: try parameters.name(.collection))))
        case .hourly:
            let hours = try parameters.number(.hours)
            return .activity(
                ActivityQuery(.hourly(action: try parameters.name(.action)), .newest(hours: hours))
            )
        case .ips:
            let days = try parameters.number(.days)
            let minimum = try parameters.number(.minActivity)
            let limit = try parameters.number(.limit)
            return .activity(ActivityQuery(.ips(days: days), .prefix(limit: limit, minimum: minimum)))
        case .users:
            let days = try parameters.number(.days)
            let limit = try parameters.number(.limit)
            return .activity(ActivityQuery(.users(days: days), .prefix(limit: limit, minimum: 1)))
        case .user:
            let id = try userID()
            return .activity(ActivityQuery(.user(id: id, days: try parameters.number(.userDays))))
        case .securityAlerts:
            let hours = try parameters.number(.alertHours)
            let threshold = try parameters.number(.threshold)
            return .activity(ActivityQuery(.alerts(hours: hours), .prefix(limit: .max, minimum: threshold)))
        case .alerts:
            let status = try parameters.choice(.status)
            let after = try parameters.integer(.after)
            let limit = try parameters.number(.alertLimit)
            return .alerts(AlertListing(status: status, after: after, limit: limit))
        case .alertStream:
            let after = try parameters.integer(.streamAfter).map(Int64.init)
            return .alertStream(after: try headers.lastEventID ?? after)
        case .page, .authEvents, .health, .cacheStatistics, .warmCache, .clearCache, .live, .ready, .openAPI:
            return .service
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

extension HTTPHeaders {
    /// The number of the last event that a reader of the stream has; nil for a reader who has none.
    fileprivate var lastEventID: Int64? {
        get throws(Problem) {
            let fields = self["last-event-id"].filter { !$0.isEmpty }
            guard let field = fields.first else { return nil }
            let isDigits = field.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard fields.count == 1, isDigits, let number = Int64(field) else {
                throw .badField("Last-Event-ID", fields, accepted: "the id of an event of this stream")
            }
            return number
        }
    }
}

extension Problem {
    fileprivate static func badField(_ name: String, _ values: [String], accepted: String) -> Problem {
        let value = quoted(values.joined(separator: ", "))
        return Problem(status: .badRequest, detail: "field \(name) has the value \(value); accepted: \(accepted)")
    }
}
