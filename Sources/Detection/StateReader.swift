/// Reads what ``StateWriter`` wrote. Bytes from elsewhere are an error and nothing worse.
public struct StateReader: Sendable {
    private var rest: ArraySlice<UInt8>

    /// The bytes of one key.
    public init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// Whether everything has been read.
    public var isAtEnd: Bool { rest.isEmpty }

    /// A number.
    ///
    /// - Throws: ``DamagedStateError``.
    public mutating func next(_ type: Int64.Type = Int64.self) throws(DamagedStateError) -> Int64 {
        var number = UInt64(0)
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let byte = rest.popFirst() else { throw DamagedStateError() }
            number |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1) }
        }
        throw DamagedStateError()
    }

    /// A count or an index.
    ///
    /// - Parameter limit: the largest number that makes sense, so that damaged bytes do not ask for all memory.
    /// - Returns: a number from 0 to the limit.
    /// - Throws: ``DamagedStateError``.
    public mutating func next(upTo limit: Int) throws(DamagedStateError) -> Int {
        let number = try next(Int64.self)
        guard 0...Int64(limit) ~= number else { throw DamagedStateError() }
        return Int(number)
    }

    /// A floating-point number, which is finite.
    ///
    /// - Throws: ``DamagedStateError``.
    public mutating func next(_ type: Double.Type) throws(DamagedStateError) -> Double {
        let raw = rest.prefix(8)
        guard raw.count == 8 else { throw DamagedStateError() }
        rest.removeFirst(8)
        let number = Double(bitPattern: raw.reversed().reduce(0) { $0 << 8 | UInt64($1) })
        guard number.isFinite else { throw DamagedStateError() }
        return number
    }

    /// A text.
    ///
    /// - Throws: ``DamagedStateError``.
    public mutating func next(_ type: String.Type) throws(DamagedStateError) -> String {
        let length = try next(upTo: rest.count)
        defer { rest.removeFirst(length) }
        guard let text = String(validating: rest.prefix(length), as: UTF8.self) else { throw DamagedStateError() }
        return text
    }
}

/// Bytes that no detector has written.
public struct DamagedStateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public let description = "its stored state cannot be read"

    /// An error.
    public init() {}
}
