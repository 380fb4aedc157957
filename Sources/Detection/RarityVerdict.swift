/// What a ``RarityDetector`` says of one value.
public struct RarityVerdict: Sendable, Hashable {
    /// Whether somebody should be told.
    public var outcome: Outcome
    /// What is most unusual, or least far from it; nil during the warm-up and when all reasons are turned off.
    public var reason: RarityReason?
    /// How far that is beyond its threshold, in its own measure; negative below, and 0 during the warm-up.
    public var margin: Double
    /// The margin that an alert needed at this moment, after the alerts before.
    public var bar: Double
    /// What was measured; nil during the warm-up.
    public var measures: RarityMeasures?

    /// Whether somebody should be told.
    public enum Outcome: Sendable, Hashable {
        /// There is nothing to say.
        case usual
        /// An episode begins.
        case alert
        /// The value is beyond a threshold while the hold of the last alert lasts: its episode goes on.
        case continuing
    }

    /// Whether an episode begins.
    public var isAlert: Bool { outcome == .alert }

    static let warmingUp = RarityVerdict(outcome: .usual, reason: nil, margin: 0, bar: 0, measures: nil)

    /// Why, in words and numbers: "values like 412: 0 of 3,120 past buckets".
    ///
    /// - Parameter unit: what a point is, in the plural.
    /// - Returns: a phrase without a full stop; empty without a reason.
    public func explanation(unit: String) -> String {
        guard let reason, let measures else { return "" }
        return measures.explanation(of: reason, unit: unit)
    }
}

/// What a ``RarityDetector`` measured of one value, before it was absorbed.
public struct RarityMeasures: Sendable, Hashable {
    /// The value itself.
    public var value: Double
    /// Points before it.
    public var pastPoints: Int
    /// How surprising the value is, in nats; 0 while there are too few to compare it with.
    public var surprise: Double
    /// Past values in its bin and the three on either side, in each of which is 1/64 of the range of the warm-up.
    public var similarValues: Int
    /// The mean surprise of 30 points, in standard deviations of all such means, with its sign.
    public var burst: Double
    /// The mean of 36 points.
    public var level: Double
    /// How surprising that is, in nats.
    public var levelSurprise: Double
    /// Past means in its bin and the three on either side, in each of which is 1/32 of the range of the warm-up.
    public var similarLevels: Int
    /// What is usual at this hour of the day; nil at its first value.
    public var expected: Double?
    /// By how much the last 12 points are off that, on average.
    public var residual: Double
    /// The distance of that from its own mean, in standard deviations, without its sign.
    public var deviation: Double

    /// What is unusual for a reason, in words and numbers.
    func explanation(of reason: RarityReason, unit: String) -> String {
        let past = "of \(pastPoints.grouped) past \(unit)"
        return switch reason {
        case .rareValue:
            "values like \(value.brief): \(similarValues.grouped) \(past)"
        case .rareLevel:
            "averages over \(RarityDetector.levelLength) \(unit) like \(level.brief): \(similarLevels.grouped) \(past)"
        case .rareBurst:
            "the last \(RarityModel.burstLength) \(unit) together are unusual by \(burst.brief) standard deviations"
        case .offProfile:
            "the last \(RarityModel.residualLength) \(unit) are \(residual.magnitude.brief) "
                + "\(residual < 0 ? "below" : "above") what is usual at this hour on average, "
                + "by \(deviation.brief) standard deviations"
        }
    }
}
