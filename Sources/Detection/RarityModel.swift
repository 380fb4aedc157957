/// What a ``RarityDetector`` knows of a series once its range is known: what is usual, in four ways.
struct RarityModel: Sendable, Hashable {
    private var values: RarityHistogram
    private var levels: RarityHistogram
    private var burst = RingMean(length: burstLength)
    private var bursts = RunningScore()
    private var profile = RarityProfile()
    private var residual = RingMean(length: residualLength)
    private var residuals = RunningScore()

    /// Points whose surprise together makes a burst.
    static let burstLength = 30
    /// Points whose distance from the profile is averaged.
    static let residualLength = 12
    private static let valueBins = 64
    private static let levelBins = 32
    /// Scores of fewer points say nothing.
    private static let fewestForScores = 100

    /// Learns the range of the values of a warm-up, and then these.
    ///
    /// - Parameters:
    ///   - samples: the warm-up; not empty.
    ///   - largest: the largest magnitude among them.
    init(_ samples: [RaritySample], largest: Double) {
        values = RarityHistogram(over: samples.map(\.value), binsPerRange: Self.valueBins)
        levels = RarityHistogram(over: samples.map(\.level), binsPerRange: Self.levelBins)
        for sample in samples.dropLast() { _ = absorb(sample, largest: largest) }
    }

    /// Points absorbed.
    var points: Int { values.total }

    /// Judges a value by the past, and makes it part of that.
    ///
    /// - Parameters:
    ///   - sample: the value.
    ///   - largest: the largest magnitude of all values so far, by which rounding errors are told from changes.
    /// - Returns: what was measured.
    mutating func absorb(_ sample: RaritySample, largest: Double) -> RarityMeasures {
        let past = points
        let isScored = past >= Self.fewestForScores
        let value = values.absorb(sample.value)
        let burstScore = bursts.absorb(burst.absorb(value.surprise), tolerance: 1e-6)
        let expected = profile.absorb(sample.value, hourOfDay: sample.hourOfDay)
        let meanResidual = residual.absorb(expected.map { sample.value - $0 } ?? 0)
        let deviation = residuals.absorb(meanResidual, tolerance: 1e-9 * max(1e-9, largest)).magnitude
        let level = levels.absorb(sample.level)
        return RarityMeasures(
            value: sample.value,
            pastPoints: past,
            surprise: value.surprise,
            similarValues: value.similar,
            burst: isScored ? burstScore : 0,
            level: sample.level,
            levelSurprise: level.surprise,
            similarLevels: level.similar,
            expected: expected,
            residual: meanResidual,
            deviation: isScored ? deviation : 0,
        )
    }
}

/// A value with what belongs to it.
struct RaritySample: Sendable, Hashable {
    var value: Double
    /// 0…23.
    var hourOfDay: Int
    /// The mean of the last ``RarityDetector/levelLength`` values.
    var level: Double
}

extension RarityModel {
    func encode(into writer: inout StateWriter) {
        values.encode(into: &writer)
        levels.encode(into: &writer)
        burst.encode(into: &writer)
        bursts.encode(into: &writer)
        profile.encode(into: &writer)
        residual.encode(into: &writer)
        residuals.encode(into: &writer)
    }

    init(from reader: inout StateReader) throws(DamagedStateError) {
        values = try RarityHistogram(from: &reader, binsPerRange: Self.valueBins)
        levels = try RarityHistogram(from: &reader, binsPerRange: Self.levelBins)
        burst = try RingMean(from: &reader, length: Self.burstLength)
        bursts = try RunningScore(from: &reader)
        profile = try RarityProfile(from: &reader)
        residual = try RingMean(from: &reader, length: Self.residualLength)
        residuals = try RunningScore(from: &reader)
    }
}
