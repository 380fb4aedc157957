/// Walks over the binary format of an array; the bytes themselves are passed to each call.
///
/// Header: dimensions, NULL flag, element type, then length and lower bound of each dimension. Elements: length, bytes.
/// Source: `array_send` in PostgreSQL's `src/backend/utils/adt/arrayfuncs.c`.
struct ArrayReader {
    private let byteCount: Int
    private var offset = 0
    private var elementType = PostgresType.inferred

    init(_ bytes: borrowing RawSpan) {
        byteCount = bytes.byteCount
    }

    /// Returns how many elements follow.
    mutating func readHeader(_ bytes: RawSpan, of type: PostgresType) throws(PostgresError) -> Int {
        let dimensions: Int32 = try readInteger(bytes)
        let _: Int32 = try readInteger(bytes)
        elementType = PostgresType(rawValue: try readInteger(bytes))
        guard dimensions != 0 else { return 0 }
        guard dimensions == 1 else {
            throw PostgresError(.decodingFailed, "an array of \(dimensions) dimensions cannot be read, only of one")
        }
        let count: Int32 = try readInteger(bytes)
        let _: Int32 = try readInteger(bytes)
        // Each element takes four bytes at least, so a wrong count cannot make the caller reserve too much.
        guard count >= 0, Int(count) <= (byteCount - offset) / 4 else { throw malformed }
        return Int(count)
    }

    mutating func readElement<Element: PostgresDecodable>(_ bytes: RawSpan) throws(PostgresError) -> Element {
        let length: Int32 = try readInteger(bytes)
        guard length >= 0 else { return try Element.decodeNull() }
        guard Int(length) <= byteCount - offset else { throw malformed }
        defer { offset += Int(length) }
        return try Element.decode(bytes.extracting(offset..<offset + Int(length)), elementType)
    }

    private mutating func readInteger<Value: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: RawSpan
    ) throws(PostgresError) -> Value {
        let size = MemoryLayout<Value>.size
        guard byteCount - offset >= size else { throw malformed }
        defer { offset += size }
        return Value(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    private var malformed: PostgresError {
        PostgresError(.decodingFailed, "the field is not an array in binary format")
    }
}
