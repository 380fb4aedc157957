import Endpoint

/// Writes families as Prometheus reads them.
///
/// Sources: the text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats) and OpenMetrics 1.0.0, in which
/// families are called without `_total` and `_info`, units are named, and the end is marked.
struct MetricText {
    private let format: MetricsFormat
    private(set) var text = ""

    init(_ families: [MetricFamily], _ format: MetricsFormat) {
        self.format = format
        for family in families { write(family) }
        if format == .openMetrics { text += "# EOF\n" }
    }

    private mutating func write(_ family: MetricFamily) {
        let samples = family.samples()
        guard !samples.isEmpty else { return }
        let name = format == .openMetrics ? family.name : family.name + family.kind.suffix
        let kind = format == .text && family.kind == .info ? MetricFamily.Kind.gauge : family.kind
        text += "# HELP \(name) \(Self.escaped(family.help, quotes: format == .openMetrics))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
        if format == .openMetrics, let unit = family.unit { text += "# UNIT \(name) \(unit)\n" }
        for sample in samples { write(sample, of: family) }
    }

    private mutating func write(_ sample: MetricSample, of family: MetricFamily) {
        text += family.name
        text += family.kind == .counter ? family.kind.suffix : sample.suffix
        if !sample.labels.isEmpty {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            text += "{\(labels.joined(separator: ","))}"
        }
        text += " \(Self.number(sample.value))\n"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.contains(where: { $0 == "\\" || $0 == "\"" || $0.isNewline }) else { return text }
        return text.reduce(into: "") { escaped, character in
            switch character {
            case "\\": escaped += "\\\\"
            case "\"" where quotes: escaped += "\\\""
            case _ where character.isNewline: escaped += "\\n"
            default: escaped.append(character)
            }
        }
    }

    /// Whole numbers without a fraction, up to where a double holds all of them.
    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 0x1p53 ? "\(Int64(value))" : value.description
    }
}

extension MetricFamily.Kind {
    /// What the text format adds to the family's name.
    fileprivate var suffix: String {
        switch self {
        case .counter: "_total"
        case .info: "_info"
        case .gauge, .histogram: ""
        }
    }
}
