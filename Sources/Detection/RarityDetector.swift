/// Tells which values of a series of numbers are unusual, in constant memory and constant time a value.
///
/// It says so for four reasons, all of them distances from the series' own past; see ``RarityReason``. The first values
/// only fix the range in which the others are counted. A detector is a value: copy it to try something, encode it to go
/// on later with the very same verdicts.
public struct RarityDetector: Sendable, Hashable {
    private let settings: RaritySettings
    private let warmUp: Int
    private var largest = 0.0
    private var level = RingMean(length: levelLength)
    /// The values of the warm-up while it lasts.
    private var samples: [RaritySample] = []
    /// Nil during the warm-up.
    private var model: RarityModel?
    private var bar = RarityBar()

    /// Points over which the level is averaged.
    static let levelLength = 36
    /// More than that no state has counted.
    static let mostPoints = 1 << 53
    /// Magnitudes up to here leave room for sums of squares.
    private static let largestMagnitude = 1e100

    /// A detector of a series of which nothing is known.
    ///
    /// - Parameters:
    ///   - warmUp: values that fix the range before anything is judged; 50 at least.
    ///   - settings: its thresholds.
    public init(warmUp: Int, settings: RaritySettings = RaritySettings()) {
        self.settings = settings
        self.warmUp = max(RaritySettings.shortestWarmUp, warmUp)
    }

    /// Whether values are judged; false while they only fix the range.
    public var isWarm: Bool { model != nil }

    /// Judges a value by those before it, and makes it part of what is usual. After the warm-up nothing is allocated.
    ///
    /// - Parameters:
    ///   - value: a number with a magnitude up to 1e100.
    ///   - hourOfDay: when it was measured, 0…23, in whatever time zone the series has its days.
    /// - Returns: what to say of it.
    /// - Throws: ``UnusableValueError``; the value is as good as missing then.
    public mutating func absorb(_ value: Double, hourOfDay: Int) throws(UnusableValueError) -> RarityVerdict {
        guard let measures = try take(value, hourOfDay) else { return .warmingUp }
        let (reason, margin) = settings.margin(of: measures)
        var verdict = RarityVerdict(
            outcome: .usual,
            reason: reason,
            margin: margin,
            bar: bar.height,
            measures: measures,
        )
        if margin >= 0 {
            (verdict.outcome, verdict.bar) = bar.judge(margin, at: measures.pastPoints, settings)
        }
        return verdict
    }

    /// Makes a value part of what is usual, without judging it.
    ///
    /// - Parameters:
    ///   - value: a number with a magnitude up to 1e100.
    ///   - hourOfDay: when it was measured, 0…23.
    /// - Throws: ``UnusableValueError``; the value is as good as missing then.
    public mutating func teach(_ value: Double, hourOfDay: Int) throws(UnusableValueError) {
        _ = try take(value, hourOfDay)
    }

    private mutating func take(_ value: Double, _ hourOfDay: Int) throws(UnusableValueError) -> RarityMeasures? {
        precondition(0..<24 ~= hourOfDay, "hour \(hourOfDay) of a day")
        guard value.magnitude <= Self.largestMagnitude else { throw UnusableValueError(value: value) }
        largest = max(largest, value.magnitude)
        let sample = RaritySample(value: value, hourOfDay: hourOfDay, level: level.absorb(value))
        if model != nil { return model?.absorb(sample, largest: largest) }
        samples.append(sample)
        guard samples.count >= warmUp else { return nil }
        model = RarityModel(samples, largest: largest)
        samples = []
        return model?.absorb(sample, largest: largest)
    }
}

/// A value that is no number, or beyond all measure.
public struct UnusableValueError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was refused.
    public let value: Double

    /// What was refused and what is accepted.
    public var description: String { "\(value) is refused; accepted are numbers from -1e100 to 1e100" }
}

extension RarityDetector {
    /// Writes all that it knows: up to two and a half kilobytes after the warm-up, a few bytes a value before.
    public func encode(into writer: inout StateWriter) {
        writer.append(warmUp)
        writer.append(isWarm ? 1 : 0)
        guard let model else { return encodeWarmUp(into: &writer) }
        writer.append(largest)
        level.encode(into: &writer)
        model.encode(into: &writer)
        bar.encode(into: &writer)
    }

    /// Reads what ``encode(into:)`` has written.
    ///
    /// - Parameters:
    ///   - reader: stands where a detector begins, and afterwards behind it.
    ///   - settings: the thresholds from now on.
    /// - Throws: ``DamagedStateError``.
    public init(from reader: inout StateReader, settings: RaritySettings) throws(DamagedStateError) {
        self.init(warmUp: try reader.next(upTo: Self.mostPoints), settings: settings)
        guard try reader.next(upTo: 1) == 1 else {
            try decodeWarmUp(from: &reader)
            return
        }
        largest = try reader.next(Double.self)
        level = try RingMean(from: &reader, length: Self.levelLength)
        let model = try RarityModel(from: &reader)
        bar = try RarityBar(from: &reader, points: model.points)
        self.model = model
    }

    /// Everything else follows from the values.
    private func encodeWarmUp(into writer: inout StateWriter) {
        writer.append(samples.count)
        for sample in samples {
            writer.append(compact: sample.value)
            writer.append(sample.hourOfDay)
        }
    }

    private mutating func decodeWarmUp(from reader: inout StateReader) throws(DamagedStateError) {
        for _ in 0..<(try reader.next(upTo: warmUp - 1)) {
            let value = try reader.nextCompact()
            let hourOfDay = try reader.next(upTo: 23)
            do { try teach(value, hourOfDay: hourOfDay) } catch { throw DamagedStateError() }
        }
    }
}
