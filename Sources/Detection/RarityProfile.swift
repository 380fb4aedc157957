/// What is usual at each hour of the day: exponentially weighted moving averages, one an hour.
struct RarityProfile: Sendable, Hashable {
    private var averages = [Double?](repeating: nil, count: 24)

    /// The share of each new value.
    private static let smoothing = 0.05

    /// Takes a value in.
    ///
    /// - Returns: what was usual before; nil at the first value of an hour.
    mutating func absorb(_ value: Double, hourOfDay hour: Int) -> Double? {
        let expected = averages[hour]
        averages[hour] = expected.map { $0 + Self.smoothing * (value - $0) } ?? value
        return expected
    }
}

extension RarityProfile {
    /// 24 bits say which hours are known.
    func encode(into writer: inout StateWriter) {
        let known = averages.enumerated().reduce(0) { $1.element == nil ? $0 : $0 | 1 << $1.offset }
        writer.append(known)
        for case .some(let average) in averages { writer.append(compact: average) }
    }

    init(from reader: inout StateReader) throws(DamagedStateError) {
        let known = try reader.next(upTo: 1 << averages.count - 1)
        for hour in averages.indices where known >> hour & 1 == 1 { averages[hour] = try reader.nextCompact() }
    }
}
