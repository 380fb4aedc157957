import Synchronization

/// A number that only grows. Adding is one atomic instruction.
final class Counter: Sendable {
    private let total = Atomic<Int64>(0)

    func add(_ number: Int64 = 1) {
        total.wrappingAdd(number, ordering: .relaxed)
    }

    var value: Int64 { total.load(ordering: .relaxed) }
}

/// A number that goes up and down; nothing until it is set.
final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(Double.nan.bitPattern)

    func set(_ number: Double) {
        bits.store(number.bitPattern, ordering: .relaxed)
    }

    var value: Double? {
        let number = Double(bitPattern: bits.load(ordering: .relaxed))
        return number.isNaN ? nil : number
    }
}

/// How many durations were at most how long. Observing is two atomic instructions.
final class Histogram: Sendable {
    /// The upper ends of the buckets in seconds, ascending; one without an end follows.
    let bounds: [Double]
    /// Durations in each bucket and in no smaller one.
    private let counts: [Counter]
    private let nanoseconds = Counter()

    init(_ bounds: [Double]) {
        self.bounds = bounds
        counts = (0...bounds.count).map { _ in Counter() }
    }

    func observe(_ duration: Duration) {
        let (whole, attoseconds) = duration.components
        let elapsed = whole &* 1_000_000_000 &+ attoseconds / 1_000_000_000
        let seconds = Double(elapsed) / 1e9
        var bucket = 0
        while bucket < bounds.count, seconds > bounds[bucket] { bucket += 1 }
        counts[bucket].add()
        nanoseconds.add(elapsed)
    }

    var sum: Double { Double(nanoseconds.value) / 1e9 }

    /// Durations up to each bound, and all at the end.
    var cumulativeCounts: [Int64] {
        var total: Int64 = 0
        return counts.map { count in
            total += count.value
            return total
        }
    }
}

/// One metric for each combination of label values, up to a limit; the rest share one whose values are all `other`.
final class Labelled<Metric: Sendable>: Sendable {
    let names: [String]
    private let limit: Int
    private let make: @Sendable () -> Metric
    private let metrics = Mutex<[[String]: Metric]>([:])

    init(by names: [String], limit: Int = 500, _ make: @escaping @Sendable () -> Metric) {
        self.names = names
        self.limit = limit
        self.make = make
    }

    /// The metric with these values, in the order of the names.
    subscript(_ values: String...) -> Metric {
        metrics.withLock { metrics in
            if let metric = metrics[values] { return metric }
            let key = metrics.count < limit ? values : names.map { _ in "other" }
            if let metric = metrics[key] { return metric }
            let metric = make()
            metrics[key] = metric
            return metric
        }
    }

    /// Forgets all, for what is counted anew each time.
    func removeAll() {
        metrics.withLock { $0.removeAll() }
    }

    /// All metrics with their labels, in a stable order.
    var all: [(labels: [MetricLabel], metric: Metric)] {
        metrics.withLock(\.self).sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { values, metric in
            (zip(names, values).map { MetricLabel(name: $0, value: $1) }, metric)
        }
    }
}
