// Counts are whole numbers, which take a byte or two instead of eight.

extension StateWriter {
    /// The largest of which every whole number below is a `Double` too.
    fileprivate static let largestWhole = Double(1 << 53)

    /// A floating-point number that is often a whole one.
    mutating func append(compact number: Double) {
        let isWhole = number.rounded(.towardZero) == number && number.magnitude <= Self.largestWhole
        // A zero with a sign is a whole number that an integer cannot hold.
        guard isWhole, number != 0 || number.sign == .plus else {
            append(1)
            return append(number)
        }
        append(Int64(number) << 1)
    }
}

extension StateReader {
    /// Reads what `append(compact:)` has written.
    ///
    /// - Throws: ``DamagedStateError``.
    mutating func nextCompact() throws(DamagedStateError) -> Double {
        let number = try next(Int64.self)
        if number == 1 { return try next(Double.self) }
        guard number & 1 == 0 else { throw DamagedStateError() }
        return Double(number >> 1)
    }
}
