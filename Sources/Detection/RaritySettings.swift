/// The thresholds of a ``RarityDetector``.
///
/// The values they have by default were tuned on the Numenta Anomaly Benchmark, as a whole: `Benchmarks/run detection`
/// says what they are worth there, and what parameters are worth that were tuned on other series than those they are
/// judged by. They are not part of a detector's state, so a change takes effect with the next value.
public struct RaritySettings: Sendable, Hashable {
    /// Surprise of a value from which on it is rare, in nats, 0…20; nil turns the reason off.
    ///
    /// One like which none of n values was has ln(10 n), so 6.9 asks for at least 100 values without its like.
    public var rareValue: Double? = 6.9
    /// Mean surprise of 30 points from which on they are a burst, in standard deviations of all such means, 0…100; nil
    /// turns the reason off.
    public var rareBurst: Double? = 2.0
    /// Surprise of the mean of 36 points from which on it is rare, in nats, 0…20; nil turns the reason off.
    public var rareLevel: Double? = 6.5
    /// Mean distance of 12 points from the profile of the day from which on they are off it, in standard deviations of
    /// all such means, 0…100; nil turns the reason off.
    public var offProfile: Double? = 6.0
    /// What a standard deviation off the profile weighs beside the other reasons, without a unit, 0…10.
    public var profileGain = 0.3
    /// Points after an alert that raise no further one, 0…100,000: the episode goes on.
    public var hold = 60
    /// By how much each alert raises the margin that the next one needs, 0…100. A series that alerts often is a series
    /// to which that is normal.
    public var barStep = 0.5
    /// Points after which that has decayed to 1/e, 1…10,000,000.
    public var barDecay = 10_000.0
    /// Points that fix the range of values before anything is judged, at most, 50…100,000.
    public var longestWarmUp = 750
    /// The share of a series of known length that may be spent on that, 0…1.
    public var warmUpShare = 0.15

    /// Points that fix the range of values at least, without a doubt.
    static let shortestWarmUp = 50

    /// The defaults.
    public init() {}

    /// The points of a series that are not judged, and teach what is usual.
    ///
    /// - Parameter count: the length of the whole series, in points.
    /// - Returns: the benchmark's probation: 15 % of the series, at most 750 points.
    public func probation(ofSeries count: Int) -> Int {
        Int(min((warmUpShare * Double(count)).rounded(.down), Double(longestWarmUp)))
    }
}

extension RaritySettings {
    /// What is most unusual, and by how much.
    func margin(of measures: RarityMeasures) -> (reason: RarityReason?, margin: Double) {
        var best: (reason: RarityReason?, margin: Double) = (nil, -.infinity)
        for reason in RarityReason.byRank {
            if let margin = margin(reason, measures), margin > best.margin { best = (reason, margin) }
        }
        return best
    }

    /// By how much a measure is beyond its threshold; nil when the reason is turned off.
    func margin(_ reason: RarityReason, _ measures: RarityMeasures) -> Double? {
        switch reason {
        case .rareValue: rareValue.map { measures.surprise - $0 }
        case .rareLevel: rareLevel.map { measures.levelSurprise - $0 }
        case .rareBurst: rareBurst.map { measures.burst - $0 }
        case .offProfile: offProfile.map { profileGain * (measures.deviation - $0) }
        }
    }
}
