/// One row of a binary COPY; its fields are read in order.
///
/// - Note: It points into libpq's buffer of the current row. Being `~Copyable` and lent as `inout`, it cannot outlive it.
public struct BinaryCopyRow: ~Copyable {
    @usableFromInline var position: UnsafeRawPointer
    @usableFromInline var end: UnsafeRawPointer
    @usableFromInline var column = 0
    @usableFromInline let types: [PostgresType]

    /// A row without fields; `move` makes it one with.
    init(types: [PostgresType]) {
        self.types = types
        position = UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        end = position
    }

    /// How many fields the row has.
    public var columnCount: Int { types.count }

    /// Reads the next field.
    ///
    /// - Parameter type: an optional where NULL may occur.
    /// - Returns: the value.
    /// - Throws: `decodingFailed` when the type does not fit or all fields have been read.
    @inlinable @inline(__always)
    public mutating func next<Value: PostgresDecodable>(
        _ type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard column < types.count, position + 4 <= end else { throw noMoreFields() }
        let length = Int(Int32(bigEndian: position.loadUnaligned(as: Int32.self)))
        let start = position + 4
        let columnType = types[column]
        guard length <= end - start else { throw noMoreFields() }
        position = start + max(length, 0)
        column += 1
        do {
            guard length >= 0 else { return try Value.decodeNull() }
            return try Value.decode(UnsafeRawBufferPointer(start: start, count: length).bytes, columnType)
        } catch {
            throw error.inColumn(column - 1)
        }
    }

    /// Starts at the number of fields of another row.
    mutating func move(to bytes: UnsafeRawBufferPointer) throws(PostgresError) {
        guard bytes.count >= 2, let start = bytes.baseAddress,
            Int(Int16(bigEndian: start.loadUnaligned(as: Int16.self))) == types.count
        else { throw Self.malformed }
        position = start + 2
        end = start + bytes.count
        column = 0
    }

    @usableFromInline @inline(never)
    func noMoreFields() -> PostgresError {
        PostgresError(.decodingFailed, "the row has no field \(column), only \(types.count) of them")
    }

    static var malformed: PostgresError { PostgresError(.unexpectedAnswer, "the server's COPY data is not a row") }
}
