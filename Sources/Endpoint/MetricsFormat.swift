/// How metrics are written.
package enum MetricsFormat: Sendable, CaseIterable {
    /// Prometheus's text format 0.0.4.
    case text
    /// OpenMetrics 1.0.0.
    case openMetrics

    /// The value of `Content-Type`.
    var mediaType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format that a reader likes best by the values of all its `Accept` fields: text, unless it names OpenMetrics
    /// and likes it no less (RFC 9110, section 12.5.1).
    static func preferred(by fields: [String]) -> MetricsFormat {
        var weights: [String: Double] = [:]
        for member in fields.lazy.flatMap({ $0.split(separator: ",") }) {
            let parts = member.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let type = parts.first else { continue }
            let version = parts.lazy.first { $0.hasPrefix("version=") }
            guard type != "application/openmetrics-text" || version == nil || version == "version=1.0.0" else {
                continue
            }
            let weight = parts.lazy.first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            weights[type] = max(weight, weights[type] ?? 0)
        }
        guard let openMetrics = weights["application/openmetrics-text"], openMetrics > 0 else { return .text }
        return openMetrics >= weights["text/plain"] ?? 0 ? .openMetrics : .text
    }
}

/// What the endpoint knows of itself.
package struct EndpointStatistics: Sendable, Equatable {
    /// Connections that are open, on all listeners.
    package var connections: Int
    /// Documents that can be served without a computation.
    package var documents: Int

    /// Statistics from their parts.
    package init(connections: Int, documents: Int) {
        self.connections = connections
        self.documents = documents
    }
}
