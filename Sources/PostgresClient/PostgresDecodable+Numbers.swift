extension RawSpan {
    /// The whole span as one big-endian integer; the caller has checked the length.
    @inlinable
    func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> Value {
        Value(bigEndian: unsafeLoadUnaligned(as: Value.self))
    }
}

extension Bool: PostgresDecodable {
    /// Reads `boolean`.
    @inlinable
    public static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> Bool {
        guard type == .bool, bytes.byteCount == 1 else { throw .mismatch(Self.self, type, byteCount: bytes.byteCount) }
        return bytes.bigEndian(UInt8.self) != 0
    }
}

extension Int16: PostgresDecodable {
    /// Reads `smallint`.
    @inlinable
    public static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> Int16 {
        guard type == .int2, bytes.byteCount == 2 else { throw .mismatch(Self.self, type, byteCount: bytes.byteCount) }
        return bytes.bigEndian(Int16.self)
    }
}

extension Int32: PostgresDecodable {
    /// Reads `integer` and `smallint`.
    @inlinable
    public static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> Int32 {
        switch (type, bytes.byteCount) {
        case (.int4, 4): return bytes.bigEndian(Int32.self)
        case (.int2, 2): return Int32(bytes.bigEndian(Int16.self))
        default: throw .mismatch(Self.self, type, byteCount: bytes.byteCount)
        }
    }
}

extension Int64: PostgresDecodable {
    /// Reads `bigint`, `integer`, `smallint`, `oid`, `xid`, `xid8` and a `numeric` without a fraction.
    @inlinable
    public static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> Int64 {
        switch (type, bytes.byteCount) {
        case (.int8, 8): return bytes.bigEndian(Int64.self)
        case (.int4, 4): return Int64(bytes.bigEndian(Int32.self))
        case (.int2, 2): return Int64(bytes.bigEndian(Int16.self))
        default: return try decodeRarely(bytes, type)
        }
    }

    @usableFromInline @inline(never)
    static func decodeRarely(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> Int64 {
        let value: Int64? =
            switch (type, bytes.byteCount) {
            case (.oid, 4), (.xid, 4): Int64(bytes.bigEndian(UInt32.self))
            case (.xid8, 8): Int64(exactly: bytes.bigEndian(UInt64.self))
            case (.numeric, _): Int64(try PostgresNumeric.text(bytes))
            default: nil
            }
        guard let value else { throw .mismatch(Self.self, type, byteCount: bytes.byteCount) }
        return value
    }
}

extension Int: PostgresDecodable {
    /// Reads what `Int64` reads.
    @inlinable
    public static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> Int {
        Int(try Int64.decode(bytes, type))
    }
}

extension Double: PostgresDecodable {
    /// Reads `double precision`, `real` and, rounded, `numeric`.
    @inlinable
    public static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> Double {
        switch (type, bytes.byteCount) {
        case (.float8, 8): return Double(bitPattern: bytes.bigEndian(UInt64.self))
        case (.float4, 4): return Double(Float(bitPattern: bytes.bigEndian(UInt32.self)))
        default: return try decodeNumeric(bytes, type)
        }
    }

    @usableFromInline @inline(never)
    static func decodeNumeric(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> Double {
        guard type == .numeric, let value = Double(try PostgresNumeric.text(bytes)) else {
            throw .mismatch(Self.self, type, byteCount: bytes.byteCount)
        }
        return value
    }
}

extension PostgresTimestamp: PostgresDecodable {
    /// Reads `timestamptz`, and `timestamp` as UTC.
    @inlinable
    public static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> PostgresTimestamp {
        guard type == .timestamptz || type == .timestamp, bytes.byteCount == 8,
            let value = PostgresTimestamp(serverValue: bytes.bigEndian(Int64.self))
        else { throw .mismatch(Self.self, type, byteCount: bytes.byteCount) }
        return value
    }
}

extension UInt8: PostgresDecodable {
    /// Reads `"char"`.
    public static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> UInt8 {
        guard type == .char, bytes.byteCount == 1 else { throw .mismatch(Self.self, type, byteCount: bytes.byteCount) }
        return bytes.bigEndian(UInt8.self)
    }

    /// Reads `bytea`.
    public static func decodeArray(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> [UInt8] {
        guard type == .bytea else { throw .mismatch([Self].self, type, byteCount: bytes.byteCount) }
        return bytes.withUnsafeBytes { Array($0) }
    }
}
