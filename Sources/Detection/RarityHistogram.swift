import func Glibc.log

/// Counts of the values of a stream, and how surprising the next one is beside them.
///
/// A histogram whose bins are blurred by a triangle, which estimates a density without the jumps at the edges of bins:
/// D. W. Scott, "Averaged Shifted Histograms", Annals of Statistics 13 (1985). The bins are fixed once and reach four
/// ranges below and above that of the warm-up; what is further out is counted in the outermost ones.
struct RarityHistogram: Sendable, Hashable {
    private(set) var lowest: Double
    private(set) var range: Double
    private(set) var total = 0
    private(set) var counts: [Int]
    private let binsPerRange: Int

    /// How surprising a value is.
    struct Novelty {
        /// In nats.
        var surprise: Double
        /// Values that were counted in the bins from which the estimate is made.
        var similar: Int
    }

    /// Bins on either side that count, the less the further away.
    private static let reach = 3
    private static let rangesBelow = 4
    private static let rangesAbove = 5
    /// What an empty surrounding counts as.
    private static let pseudocount = 0.1
    /// With fewer values nothing is a surprise.
    private static let fewest = 50

    /// An empty histogram over the range of the given values, of which there is at least one.
    init(over values: some Collection<Double>, binsPerRange: Int) {
        let lowest = values.min() ?? 0
        let range = (values.max() ?? 0) - lowest
        self.init(
            lowest: lowest,
            // Values that are all the same have no range; it has to have some size.
            range: range > 0 ? range : max(abs(lowest), 1) * 0.1,
            binsPerRange: binsPerRange,
        )
    }

    init(lowest: Double, range: Double, binsPerRange: Int) {
        (self.lowest, self.range, self.binsPerRange) = (lowest, range, binsPerRange)
        counts = Array(repeating: 0, count: Self.binCount(binsPerRange))
    }

    /// Counts a value, and says how surprising it was: −ln((c + 0.1) / (n + 1)) with the weighted count c around it and n
    /// values before.
    mutating func absorb(_ value: Double) -> Novelty {
        let bin = bin(of: value)
        var weighted = Double(counts[bin])
        var similar = counts[bin]
        for distance in 1...Self.reach {
            let pair = counts[bin - distance] + counts[bin + distance]
            weighted += Self.weight(distance) * Double(pair)
            similar += pair
        }
        let surprise = total < Self.fewest ? 0 : -log((weighted + Self.pseudocount) / (Double(total) + 1))
        counts[bin] += 1
        total += 1
        return Novelty(surprise: surprise, similar: similar)
    }

    /// 0.75, 0.5 and 0.25.
    private static func weight(_ distance: Int) -> Double { 1 - Double(distance) / Double(reach + 1) }

    /// The outermost bins have neighbours too, which stay empty.
    private static func binCount(_ binsPerRange: Int) -> Int {
        (rangesBelow + rangesAbove) * binsPerRange + 1 + 2 * reach
    }

    private func bin(of value: Double) -> Int {
        let position = ((value - lowest) / range * Double(binsPerRange)).rounded(.down)
        let lower = -Double(Self.rangesBelow * binsPerRange)
        let upper = Double(Self.rangesAbove * binsPerRange)
        return Int(max(lower, min(upper, position))) + Self.rangesBelow * binsPerRange + Self.reach
    }
}

extension RarityHistogram {
    /// Only bins that have counted something, each by its distance from the one before.
    func encode(into writer: inout StateWriter) {
        writer.append(lowest)
        writer.append(range)
        writer.append(total)
        var next = 0
        for (bin, count) in counts.enumerated() where count > 0 {
            writer.append(bin - next)
            writer.append(count)
            next = bin + 1
        }
    }

    init(from reader: inout StateReader, binsPerRange: Int) throws(DamagedStateError) {
        let lowest = try reader.next(Double.self)
        let range = try reader.next(Double.self)
        guard range > 0 else { throw DamagedStateError() }
        self.init(lowest: lowest, range: range, binsPerRange: binsPerRange)
        let total = try reader.next(upTo: RarityDetector.mostPoints)
        var next = 0
        // The counts add up to the total, which is how the end is known.
        while self.total < total {
            guard next < counts.count else { throw DamagedStateError() }
            next += try reader.next(upTo: counts.count - 1 - next)
            counts[next] = try reader.next(upTo: total - self.total)
            self.total += counts[next]
            next += 1
        }
    }
}
