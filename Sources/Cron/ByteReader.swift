/// A position in bytes that nobody vouches for: every step is checked against their end.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next byte.
    mutating func byte() throws(TZifError) -> UInt8 {
        guard position < bytes.count else { throw error(.truncated) }
        defer { position += 1 }
        return bytes[position]
    }

    /// Leaves out bytes that must be there.
    mutating func skip(_ count: Int) throws(TZifError) {
        guard count <= bytes.count - position else { throw error(.truncated) }
        position += count
    }

    /// A big-endian number without sign, of at most four bytes.
    mutating func unsigned(_ size: Int) throws(TZifError) -> Int {
        var number = 0
        for _ in 0..<size { number = number << 8 | Int(try byte()) }
        return number
    }

    /// A big-endian number in two's complement, of at most eight bytes.
    mutating func signed(_ size: Int) throws(TZifError) -> Int {
        var number = Int(Int8(bitPattern: try byte()))
        for _ in 1..<size { number = number << 8 | Int(try byte()) }
        return number
    }

    /// An error at this position.
    func error(_ code: TZifError.Code) -> TZifError {
        TZifError(code: code, position: position)
    }
}
