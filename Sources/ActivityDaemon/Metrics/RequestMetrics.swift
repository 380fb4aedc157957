import Endpoint

/// What readers ask for and get.
struct RequestMetrics: Sendable {
    /// Of one route. Made beforehand, so that a request costs no allocation and no lock.
    private final class OfRoute: Sendable {
        let statuses = (1...5).map { _ in Counter() }
        let duration = Histogram([0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.05, 0.25, 1, 5])
        let bytes = Counter()
    }

    /// Requests for what is not there have no route.
    private static let unmatched = "other"

    private let routes: [String: OfRoute]
    private let other: OfRoute
    private let hits: Counter
    private let misses: Counter
    private let connections: Gauge
    private let documents: Gauge

    init(_ registry: inout MetricRegistry) {
        let other = OfRoute()
        let routes = Dictionary(uniqueKeysWithValues: RequestObservation.routes.map { ($0, OfRoute()) })
        let all = (routes.map { ($0, $1) } + [(Self.unmatched, other)]).sorted { $0.0 < $1.0 }
        self.routes = routes
        self.other = other
        registry.add("http_requests", .counter, "Requests answered, by route and class of status") {
            all.flatMap { route, metrics in
                metrics.statuses.enumerated().filter { $0.element.value > 0 || $0.offset == 1 || $0.offset == 4 }.map {
                    MetricSample(
                        labels: Self.labels(route) + [MetricLabel(name: "status", value: "\($0.offset + 1)xx")],
                        value: Double($0.element.value),
                    )
                }
            }
        }
        registry.add("http_request_duration_seconds", .histogram, "From a request's head to its answer") {
            all.filter { $0.1.duration.cumulativeCounts.last != 0 }
                .flatMap { route, metrics in metrics.duration.samples(Self.labels(route)) }
        }
        registry.add("http_response_size_bytes", .counter, "Bytes of answers, without their heads") {
            all.map { MetricSample(labels: Self.labels($0), value: Double($1.bytes.value)) }
        }
        let outcomes = registry.counters(
            "http_cache_lookups",
            by: ["outcome"],
            "Queries by whether their document was there",
        )
        (hits, misses) = (outcomes["hit"], outcomes["miss"])
        connections = registry.gauge("http_connections", "Connections that are open, on all listeners")
        documents = registry.gauge("http_cached_documents", "Documents that can be served without computing")
    }

    func record(_ request: RequestObservation) {
        let metrics = request.route.flatMap { routes[$0] } ?? other
        metrics.statuses[min(max(request.status / 100, 1), 5) - 1].add()
        metrics.duration.observe(request.duration)
        metrics.bytes.add(Int64(request.bytes))
        switch request.cache {
        case .hit: hits.add()
        case .miss: misses.add()
        case nil: break
        }
    }

    func record(_ endpoint: EndpointStatistics) {
        connections.set(Double(endpoint.connections))
        documents.set(Double(endpoint.documents))
    }

    private static func labels(_ route: String) -> [MetricLabel] { [MetricLabel(name: "route", value: route)] }
}
