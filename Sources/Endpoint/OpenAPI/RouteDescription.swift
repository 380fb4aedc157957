/// What readers are told of a route besides its parameters.
struct RouteDescription {
    enum Topic: String, CaseIterable {
        case activity, alerts, service

        var openAPI: JSONValue { ["name": .string(rawValue)] }
    }

    /// What a good answer carries.
    enum Answer {
        /// A document in its envelope, by the schema of `data` and of further members.
        case document(JSONValue, count: Bool = false)
        /// JSON of a named schema.
        case json(String, status: Int = 200)
        case anyJSON
        case text
        case page
        case events
    }

    /// An answer that is an error.
    enum Refusal: Int, CaseIterable {
        case badRequest = 400
        case unauthorized = 401
        case forbidden = 403
        case notFound = 404
        case tooLarge = 413
        case targetTooLong = 414
        case unsupportedMediaType = 415
        case tooManyRequests = 429
        case headTooLarge = 431
        case unavailable = 503

        var name: String { "\(self)" }

        var meaning: String {
            switch self {
            case .badRequest: "Something is wrong with the request; detail says what, and what is accepted."
            case .unauthorized: "A valid token is needed."
            case .forbidden: "The token does not allow this, or the client's address does not."
            case .notFound: "Nothing is known of it."
            case .tooLarge: "The body is too large."
            case .targetTooLong: "The target is longer than 4,096 bytes."
            case .unsupportedMediaType: "The body has to be JSON that is not compressed."
            case .tooManyRequests: "As many in a minute are not allowed."
            case .headTooLarge: "Target and fields are too large."
            case .unavailable: "Not now; try again."
            }
        }

        var fields: [String] {
            switch self {
            case .unauthorized, .forbidden: ["WWW-Authenticate"]
            case .unavailable: ["Retry-After"]
            case .tooManyRequests: ["Retry-After", "RateLimit-Policy", "RateLimit"]
            default: []
            }
        }
    }

    let topic: Topic
    let summary: String
    let answer: Answer

    init(_ topic: Topic, _ summary: String, _ answer: Answer) {
        self.topic = topic
        self.summary = summary
        self.answer = answer
    }
}

extension Route {
    /// One for each route: a new one does not compile without.
    var about: RouteDescription {
        switch self {
        case .dashboard:
            RouteDescription(.activity, "Everything a dashboard shows", .document(JSONSchema.reference("Dashboard")))
        case .collections:
            RouteDescription(.activity, "Events, users and IPs of each collection", .list(of: "CollectionTraffic"))
        case .actions: RouteDescription(.activity, "The same of each action", .list(of: "ActionTraffic"))
        case .hourly: RouteDescription(.activity, "One entry for every hour, oldest first", .list(of: "Hour"))
        case .ips: RouteDescription(.activity, "The busiest IPs with their risk", .list(of: "IP"))
        case .users: RouteDescription(.activity, "The busiest users", .list(of: "User"))
        case .user:
            RouteDescription(.activity, "What one user did", .document(JSONSchema.reference("UserActivity")))
        case .securityAlerts:
            RouteDescription(.activity, "IPs of high or medium risk", .list(of: "SuspiciousIP", count: true))
        case .alerts: RouteDescription(.alerts, "Alerts, or their events after a sequence", .json("AlertList"))
        case .alertStream: RouteDescription(.alerts, "Events of alerts as they happen", .events)
        case .authEvents:
            RouteDescription(
                .alerts,
                "Report sign-ins that Directus does not log",
                .json("StoredSignIns", status: 202),
            )
        case .health: RouteDescription(.service, "How each part of the daemon is", .json("Health"))
        case .cacheStatistics: RouteDescription(.service, "Hits, misses, ages", .json("CacheStatistics"))
        case .warmCache: RouteDescription(.service, "Publish a new generation now", .json("Done"))
        case .clearCache: RouteDescription(.service, "Delete published documents, publish anew", .json("Done"))
        case .runJob: RouteDescription(.service, "Ask for a run of a job now", .json("RequestedRun", status: 202))
        case .metrics: RouteDescription(.service, "Metrics for Prometheus, on the admin listener", .text)
        case .page: RouteDescription(.service, "The dashboard for people", .page)
        case .live: RouteDescription(.service, "Whether the process runs", .text)
        case .ready: RouteDescription(.service, "Whether readers can be served", .text)
        case .openAPI: RouteDescription(.service, "This description", .anyJSON)
        }
    }

    /// The errors that it answers with.
    var refusals: [RouteDescription.Refusal] {
        var refusals: [RouteDescription.Refusal] = [.badRequest]
        if scope != nil { refusals += [.unauthorized, .forbidden] }
        if self == .user || self == .runJob { refusals.append(.notFound) }
        refusals += [.tooLarge, .targetTooLong]
        if takesBody { refusals.append(.unsupportedMediaType) }
        if scope != nil { refusals.append(.tooManyRequests) }
        return refusals + [.headTooLarge, .unavailable]
    }
}

extension RouteDescription.Answer {
    fileprivate static func list(of row: String, count: Bool = false) -> RouteDescription.Answer {
        .document(JSONSchema.array(of: JSONSchema.reference(row)), count: count)
    }
}
