import Pipeline

/// How rows become facts.
struct FeedMetrics: Sendable {
    let caughtUp: Gauge
    let failures: Counter
    private let rows: Counter
    private let batches: Counter
    private let duration: Histogram
    private let gaps: Gauge
    private let lastID: Gauge
    private let newestID: Gauge
    private let lastBatch: Gauge

    init(_ registry: inout MetricRegistry) {
        rows = registry.counter("feed_rows", "Rows of directus_activity that this daemon has counted")
        batches = registry.counter(
            "feed_batches",
            "Batches that this daemon has committed, those without rows included",
        )
        failures = registry.counter("feed_failures", "Batches that failed")
        duration = registry.histogram(
            "feed_batch_duration_seconds",
            [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
            "How long batches took",
        )
        gaps = registry.gauge("feed_gaps", "Ranges of ids that may still be filled")
        lastID = registry.gauge("feed_last_id", "Every id up to here has been looked at")
        newestID = registry.gauge("feed_newest_id", "The largest id in the table when the last batch began")
        lastBatch = registry.gauge("feed_last_batch_timestamp_seconds", "When the last batch was committed")
        caughtUp = registry.gauge("feed_caught_up", "1 once the facts have covered every row since the start")
        caughtUp.set(0)
    }

    func record(_ batch: Feed.Batch, _ elapsed: Duration) {
        rows.add(Int64(batch.rows))
        batches.add()
        duration.observe(elapsed)
        gaps.set(Double(batch.gaps))
        lastID.set(Double(batch.lastID))
        newestID.set(Double(max(batch.lastID, batch.newestID ?? 0)))
        lastBatch.set(Clock.now.seconds)
    }
}
