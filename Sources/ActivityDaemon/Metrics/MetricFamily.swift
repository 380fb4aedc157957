/// Metrics of one name, with what is said about them.
struct MetricFamily: Sendable {
    enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
        case info
    }

    /// With the unit at its end, and without the `_total` that counters get.
    let name: String
    let kind: Kind
    let help: String
    let samples: @Sendable () -> [MetricSample]

    /// The last part of the name, where that is a unit.
    var unit: String? {
        guard kind != .info, let last = name.split(separator: "_").last.map(String.init) else { return nil }
        return ["seconds", "bytes"].contains(last) ? last : nil
    }
}

/// One line: a number with its labels.
struct MetricSample: Sendable {
    /// What follows the family's name.
    var suffix = ""
    var labels: [MetricLabel] = []
    var value: Double
}

struct MetricLabel: Sendable, Hashable {
    let name: String
    let value: String
}

extension Histogram {
    /// The lines of one histogram.
    func samples(_ labels: [MetricLabel]) -> [MetricSample] {
        let counts = cumulativeCounts
        let ends = bounds.map(\.description) + ["+Inf"]
        let buckets = zip(ends, counts).map { end, count in
            MetricSample(
                suffix: "_bucket",
                labels: labels + [MetricLabel(name: "le", value: end)],
                value: Double(count),
            )
        }
        return buckets + [
            MetricSample(suffix: "_sum", labels: labels, value: sum),
            MetricSample(suffix: "_count", labels: labels, value: Double(counts.last ?? 0)),
        ]
    }
}
