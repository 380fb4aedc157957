/// The mean of the last values of a stream, of all values while there are fewer.
struct RingMean: Sendable, Hashable {
    private let length: Int
    private var values: [Double]
    /// Where the oldest value is, once there are as many as may be.
    private var oldest = 0
    private var sum = 0.0

    init(length: Int) {
        self.length = length
        values = []
        values.reserveCapacity(length)
    }

    /// Takes a value in and returns the mean with it.
    mutating func absorb(_ value: Double) -> Double {
        if values.count < length {
            values.append(value)
            sum += value
        } else {
            sum += value - values[oldest]
            values[oldest] = value
            oldest = oldest + 1 == length ? 0 : oldest + 1
        }
        return sum / Double(values.count)
    }
}

extension RingMean {
    func encode(into writer: inout StateWriter) {
        writer.append(values.count)
        for value in values { writer.append(compact: value) }
        writer.append(oldest)
        // Not what adding up the values gives, since rounding depends on all that ever were in it.
        writer.append(compact: sum)
    }

    init(from reader: inout StateReader, length: Int) throws(DamagedStateError) {
        self.init(length: length)
        for _ in 0..<(try reader.next(upTo: length)) { values.append(try reader.nextCompact()) }
        oldest = try reader.next(upTo: length - 1)
        sum = try reader.nextCompact()
        guard oldest == 0 || values.count == length else { throw DamagedStateError() }
    }
}
