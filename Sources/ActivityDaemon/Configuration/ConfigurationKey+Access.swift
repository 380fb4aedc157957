import Endpoint

extension ConfigurationKey {
    /// Who may come to the HTTP server, and how often.
    static let access: [ConfigurationKey] = [
        .init(
            "http.trustedProxies",
            \.http.rules.proxies.proxies,
            .clients,
            "Whose word about the client's address is taken",
        ),
        .init("http.forwardedField", \.http.rules.proxies.field, .name, "The field that those proxies write it in"),
        .init("http.allow.read", \.http.rules.allowed.read, .clients, "Who may read; none for everybody"),
        .init(
            "http.allow.ingest",
            \.http.rules.allowed.ingest,
            .clients,
            "Who may report sign-ins; none for everybody",
        ),
        .init("http.allow.admin", \.http.rules.allowed.admin, .clients, "Who may change things; none for everybody"),
        .init(
            "http.rateLimit.read",
            \.http.rules.requestsPerMinute.read,
            .requestsPerMinute,
            "Requests to read in a minute, of each token or else address; 0 for any number",
        ),
        .init(
            "http.rateLimit.ingest",
            \.http.rules.requestsPerMinute.ingest,
            .requestsPerMinute,
            "The same for reports of sign-ins",
        ),
        .init(
            "http.rateLimit.admin",
            \.http.rules.requestsPerMinute.admin,
            .requestsPerMinute,
            "The same for changes",
        ),
        .init("http.cors", \.http.rules.crossOrigin, .origins, "Whose pages may read in a browser, beside our own"),
    ]
}
