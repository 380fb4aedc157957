/// Writes what a detector knows of one key as bytes: compact, since the feed stores the keys of every batch.
public struct StateWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []

    /// Nothing yet.
    public init() {}

    /// A number in as few bytes as it needs (LEB128 of its zigzag form).
    public mutating func append(_ number: Int64) {
        var rest = UInt64(bitPattern: number << 1 ^ number >> 63)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// A count or an index.
    public mutating func append(_ number: Int) {
        append(Int64(number))
    }

    /// Eight bytes, the lowest first.
    public mutating func append(_ number: Double) {
        withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A length and UTF-8.
    public mutating func append(_ text: String) {
        append(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }
}
