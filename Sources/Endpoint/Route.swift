import NIOHTTP1

/// Everything that is served; the raw value is the template of the path.
enum Route: String, CaseIterable, Sendable {
    case dashboard = "/api/activity/dashboard"
    case collections = "/api/activity/collections"
    case actions = "/api/activity/actions"
    case hourly = "/api/activity/hourly"
    case ips = "/api/activity/ips"
    case users = "/api/activity/users"
    case user = "/api/activity/users/:userId"
    case securityAlerts = "/api/activity/security/alerts"
    case alerts = "/api/activity/alerts"
    case alertStream = "/api/activity/alerts/stream"
    case authEvents = "/api/activity/auth-events"
    case health = "/api/health"
    case cacheStatistics = "/api/cache/stats"
    case warmCache = "/api/cache/warm"
    case clearCache = "/api/cache/clear"
    case page = "/"
    case live = "/livez"
    case ready = "/readyz"
    case openAPI = "/openapi.json"

    /// A route with the value of its path parameter, if it has one.
    struct Match {
        let route: Route
        let parameter: String
    }

    /// The method that does what the route is for.
    var method: HTTPMethod {
        switch self {
        case .warmCache, .authEvents: .POST
        case .clearCache: .DELETE
        default: .GET
        }
    }

    /// What a token must allow; nil where none is needed.
    var scope: AccessScope? {
        switch self {
        case .page, .health, .live, .ready, .openAPI: nil
        case .dashboard, .collections, .actions, .hourly, .ips, .users, .user, .securityAlerts: .read
        case .alerts, .alertStream, .cacheStatistics: .read
        case .authEvents: .ingest
        case .warmCache, .clearCache: .admin
        }
    }

    /// Whether a request is of use only with a body.
    var takesBody: Bool { self == .authEvents }

    /// The methods for `Allow`.
    var allow: String {
        method == .GET ? "GET, HEAD, OPTIONS" : "\(method.rawValue), OPTIONS"
    }

    /// Whether a method is served, `OPTIONS` aside.
    func accepts(_ method: HTTPMethod) -> Bool {
        method == self.method || method == .HEAD && self.method == .GET
    }

    private static let byPath: [Substring: Route] = Dictionary(
        uniqueKeysWithValues: allCases.filter { $0 != .user }.map { ($0.rawValue[...], $0) }
    )
    private static let templates = allCases.map { ($0, $0.rawValue.split(separator: "/")) }

    /// The route of an encoded path. The common paths need no decoding and cost one look-up.
    static func match(_ path: Substring) -> Match? {
        if let route = byPath[path] { return Match(route: route, parameter: "") }
        guard path.hasPrefix("/") else { return nil }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { segment in
            PercentEncoding.decode(segment, plusIsSpace: false) ?? String(segment)
        }
        return templates.lazy.compactMap { match(segments, to: $0, $1) }.first
    }

    private static func match(_ segments: [String], to route: Route, _ template: [Substring]) -> Match? {
        guard segments.count == template.count else { return nil }
        var parameter = ""
        for (segment, expected) in zip(segments, template) {
            if expected.hasPrefix(":") {
                parameter = segment
            } else if segment != expected {
                return nil
            }
        }
        return Match(route: route, parameter: parameter)
    }
}
