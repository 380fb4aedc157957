/// How far a value is from the mean of all before it, in their standard deviations.
///
/// B. P. Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products", Technometrics 4 (1962).
struct RunningScore: Sendable, Hashable {
    private var count = 0
    private var mean = 0.0
    /// The sum of squared distances from the mean.
    private var squares = 0.0

    /// Judges a value by those before, and takes it in.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - tolerance: added to the standard deviation, so that a stream that never changed does not make all of the
    ///     smallest change.
    /// - Returns: the score with its sign; 0 for the first value.
    mutating func absorb(_ value: Double, tolerance: Double) -> Double {
        let score = count == 0 ? 0 : (value - mean) / ((squares / Double(count)).squareRoot() + tolerance)
        count += 1
        let distance = value - mean
        mean += distance / Double(count)
        squares += distance * (value - mean)
        return score
    }
}

extension RunningScore {
    func encode(into writer: inout StateWriter) {
        writer.append(count)
        writer.append(compact: mean)
        writer.append(compact: squares)
    }

    init(from reader: inout StateReader) throws(DamagedStateError) {
        count = try reader.next(upTo: RarityDetector.mostPoints)
        mean = try reader.nextCompact()
        squares = try reader.nextCompact()
        guard squares >= 0 else { throw DamagedStateError() }
    }
}
