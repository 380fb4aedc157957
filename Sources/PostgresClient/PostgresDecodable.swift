/// A Swift type that can be read from a field of a result.
public protocol PostgresDecodable {
    /// Reads a value that is not NULL.
    ///
    /// - Parameters:
    ///   - bytes: the field in the server's binary format; valid only during the call.
    ///   - type: what the server says the field is.
    /// - Returns: the value.
    /// - Throws: `decodingFailed` when the type is another one or the bytes do not fit it.
    static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> Self

    /// What NULL is; by default an error.
    static func decodeNull() throws(PostgresError) -> Self

    /// Reads an array of such values; only for elements that are stored in another way than in an array.
    static func decodeArray(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> [Self]
}

extension PostgresDecodable {
    /// Refuses NULL: ask for an optional where it may occur.
    @inlinable
    public static func decodeNull() throws(PostgresError) -> Self {
        throw .unexpectedNull(Self.self)
    }

    /// Reads a one-dimensional array.
    public static func decodeArray(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> [Self] {
        var reader = ArrayReader(bytes)
        let count = try reader.readHeader(bytes, of: type)
        var elements: [Self] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            elements.append(try reader.readElement(bytes))
        }
        return elements
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    /// Reads the wrapped value.
    @inlinable
    public static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> Self {
        try Wrapped.decode(bytes, type)
    }

    /// NULL is nil.
    @inlinable
    public static func decodeNull() throws(PostgresError) -> Self {
        nil
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    /// Reads a one-dimensional array, or `bytea` when the elements are bytes.
    public static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> Self {
        try Element.decodeArray(bytes, type)
    }
}

extension PostgresError {
    @usableFromInline @inline(never)
    static func mismatch(_ wanted: Any.Type, _ type: PostgresType, byteCount: Int) -> PostgresError {
        PostgresError(
            .decodingFailed,
            "a field of type OID \(type.rawValue) and \(byteCount) bytes cannot be read as \(wanted); cast it in the query",
        )
    }

    @usableFromInline @inline(never)
    static func unexpectedNull(_ wanted: Any.Type) -> PostgresError {
        PostgresError(.decodingFailed, "NULL cannot be read as \(wanted); ask for an optional")
    }

    /// Adds where the field is.
    @usableFromInline @inline(never)
    func inColumn(_ column: Int) -> PostgresError {
        PostgresError(code, "column \(column): \(message)", server: server)
    }
}
