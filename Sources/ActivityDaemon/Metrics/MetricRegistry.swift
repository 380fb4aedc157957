/// All families, in the order in which they are shown.
struct MetricRegistry: Sendable {
    private(set) var families: [MetricFamily] = []

    /// What all names begin with.
    private static let prefix = "activityd_"

    mutating func counter(_ name: String, _ help: String) -> Counter {
        let counter = Counter()
        add(name, .counter, help) { [MetricSample(value: Double(counter.value))] }
        return counter
    }

    mutating func counters(_ name: String, by labels: [String], _ help: String) -> Labelled<Counter> {
        let counters = Labelled(by: labels) { Counter() }
        add(name, .counter, help) {
            counters.all.map { MetricSample(labels: $0.labels, value: Double($0.metric.value)) }
        }
        return counters
    }

    mutating func gauge(_ name: String, _ help: String) -> Gauge {
        let gauge = Gauge()
        self.gauge(name, help) { gauge.value }
        return gauge
    }

    mutating func gauges(_ name: String, by labels: [String], _ help: String) -> Labelled<Gauge> {
        let gauges = Labelled(by: labels) { Gauge() }
        add(name, .gauge, help) {
            gauges.all.compactMap { labels, gauge in gauge.value.map { MetricSample(labels: labels, value: $0) } }
        }
        return gauges
    }

    /// A gauge that is read whenever it is shown; nil is not shown.
    mutating func gauge(_ name: String, _ help: String, read: @escaping @Sendable () -> Double?) {
        add(name, .gauge, help) { read().map { [MetricSample(value: $0)] } ?? [] }
    }

    /// A counter that somebody else counts.
    mutating func counter(_ name: String, _ help: String, read: @escaping @Sendable () -> Double?) {
        add(name, .counter, help) { read().map { [MetricSample(value: $0)] } ?? [] }
    }

    mutating func histogram(_ name: String, _ bounds: [Double], _ help: String) -> Histogram {
        let histogram = Histogram(bounds)
        add(name, .histogram, help) { histogram.samples([]) }
        return histogram
    }

    /// What never changes, said by labels.
    mutating func info(_ name: String, _ labels: [MetricLabel], _ help: String) {
        add(name, .info, help) { [MetricSample(suffix: "_info", labels: labels, value: 1)] }
    }

    mutating func add(
        _ name: String,
        _ kind: MetricFamily.Kind,
        _ help: String,
        samples: @escaping @Sendable () -> [MetricSample],
    ) {
        precondition(!families.contains { $0.name == Self.prefix + name }, "two families are called \(name)")
        families.append(MetricFamily(name: Self.prefix + name, kind: kind, help: help, samples: samples))
    }
}
