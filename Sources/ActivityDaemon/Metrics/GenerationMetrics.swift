import Activity
import Pipeline

/// How facts become documents, and those reach Redis.
struct GenerationMetrics: Sendable {
    let refreshFailures: Counter
    let publishFailures: Counter
    let replicaFailures: Counter
    private let number: Gauge
    private let computedAt: Gauge
    private let dataThrough: Gauge
    private let documents: Gauge
    private let facts: Gauge
    private let load: Histogram
    private let render: Histogram
    private let publish: Histogram
    private let superseded: Counter

    init(_ registry: inout MetricRegistry) {
        let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
        number = registry.gauge("generation_number", "The generation that is served")
        computedAt = registry.gauge("generation_timestamp_seconds", "When it was computed")
        dataThrough = registry.gauge("data_through_timestamp_seconds", "The time of the newest row that it counts")
        documents = registry.gauge("generation_documents", "Documents that it has ready")
        facts = registry.gauge("cube_facts", "Facts in memory")
        load = registry.histogram("refresh_load_duration_seconds", bounds, "Reading what changed from PostgreSQL")
        render = registry.histogram("refresh_render_duration_seconds", bounds, "Computing and rendering")
        publish = registry.histogram("publish_duration_seconds", bounds, "Writing a generation to Redis")
        refreshFailures = registry.counter("refresh_failures", "Generations that could not be computed")
        publishFailures = registry.counter("publish_failures", "Generations that could not be written to Redis")
        superseded = registry.counter("publish_superseded", "Generations that Redis had a newer one of already")
        replicaFailures = registry.counter(
            "replica_failures",
            "Reads of the primary because the replica could not be read",
        )
    }

    func record(_ refresh: PipelineObservation.Refresh) {
        number.set(Double(refresh.generation.number))
        computedAt.set(refresh.generation.computedAt.seconds)
        if let time = refresh.dataThrough { dataThrough.set(time.seconds) }
        documents.set(Double(refresh.documents))
        facts.set(Double(refresh.facts))
        load.observe(refresh.load)
        render.observe(refresh.render)
    }

    func record(_ outcome: PublishOutcome, _ elapsed: Duration) {
        publish.observe(elapsed)
        if case .superseded = outcome { superseded.add() }
    }
}

extension Timestamp {
    /// Seconds since 1970.
    var seconds: Double { Double(microseconds) / 1e6 }
}
