import Endpoint
import Testing

@testable import ActivityDaemon

@Suite struct MetricTextTests {
    private static func registry() -> MetricRegistry {
        var registry = MetricRegistry()
        registry.info("build", [MetricLabel(name: "version", value: "1")], "What runs")
        registry.counter("feed_rows", "Rows\nof a \"table\" in \\").add(7)
        let runs = registry.counters("job_runs", by: ["job_name", "status"], "Runs")
        runs["b", "failed"].add(2)
        runs["a \"quoted\"\n\\", "failed"].add()
        registry.gauge("relay_lag_seconds", "Lag").set(0.25)
        _ = registry.gauge("never_set", "Nothing")
        let histogram = registry.histogram("batch_duration_seconds", [0.1, 1], "Batches")
        for duration in [Duration.milliseconds(100), .milliseconds(101), .seconds(2)] { histogram.observe(duration) }
        return registry
    }

    @Test func writesTheTextFormat() {
        #expect(
            MetricText(Self.registry().families, .text).text == #"""
                # HELP activityd_build_info What runs
                # TYPE activityd_build_info gauge
                activityd_build_info{version="1"} 1
                # HELP activityd_feed_rows_total Rows\nof a "table" in \\
                # TYPE activityd_feed_rows_total counter
                activityd_feed_rows_total 7
                # HELP activityd_job_runs_total Runs
                # TYPE activityd_job_runs_total counter
                activityd_job_runs_total{job_name="a \"quoted\"\n\\",status="failed"} 1
                activityd_job_runs_total{job_name="b",status="failed"} 2
                # HELP activityd_relay_lag_seconds Lag
                # TYPE activityd_relay_lag_seconds gauge
                activityd_relay_lag_seconds 0.25
                # HELP activityd_batch_duration_seconds Batches
                # TYPE activityd_batch_duration_seconds histogram
                activityd_batch_duration_seconds_bucket{le="0.1"} 1
                activityd_batch_duration_seconds_bucket{le="1.0"} 2
                activityd_batch_duration_seconds_bucket{le="+Inf"} 3
                activityd_batch_duration_seconds_sum 2.201
                activityd_batch_duration_seconds_count 3

                """#
        )
    }

    @Test func writesOpenMetrics() {
        let text = MetricText(Self.registry().families, .openMetrics).text
        #expect(
            text.hasPrefix(
                #"""
                # HELP activityd_build What runs
                # TYPE activityd_build info
                activityd_build_info{version="1"} 1
                # HELP activityd_feed_rows Rows\nof a \"table\" in \\
                # TYPE activityd_feed_rows counter
                activityd_feed_rows_total 7

                """#
            )
        )
        #expect(
            text.contains("# TYPE activityd_relay_lag_seconds gauge\n# UNIT activityd_relay_lag_seconds seconds\n")
        )
        #expect(text.hasSuffix("activityd_batch_duration_seconds_count 3\n# EOF\n"))
    }

    @Test func labelsAreBounded() {
        let counters = Labelled<Counter>(by: ["job_name"], limit: 3) { Counter() }
        for number in 1...1000 { counters["cron:\(number)"].add() }
        counters["cron:2"].add()
        #expect(counters.all.map { $0.labels.map(\.value) } == [["cron:1"], ["cron:2"], ["cron:3"], ["other"]])
        #expect(counters.all.map(\.metric.value) == [1, 2, 1, 997])
    }

    @Test func countsFromManyThreads() async {
        let (counter, histogram) = (Counter(), Histogram([1]))
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.add()
                        histogram.observe(.milliseconds(500))
                    }
                }
            }
        }
        #expect(counter.value == 80_000)
        #expect(histogram.cumulativeCounts == [80_000, 80_000])
        #expect(histogram.sum == 40_000)
    }
}
