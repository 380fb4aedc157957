extension String: PostgresDecodable {
    /// Reads text types, `json`, `jsonb`, `uuid` (lower case, hyphenated), `numeric`, integers, `oid`, `xid`, `pg_lsn`
    /// and, of types that were created in the database, those whose binary format is text (enumerations, `citext`).
    ///
    /// Other types have a binary format of their own: cast them to `text` in the query.
    public static func decode(_ bytes: RawSpan, _ type: PostgresType) throws(PostgresError) -> String {
        let text: String? =
            switch type {
            case .text, .varchar, .bpchar, .name, .json, .xml, .unknown, .char, .void: utf8(bytes)
            case .jsonb: jsonb(bytes)
            case .uuid: uuid(bytes)
            case .lsn: lsn(bytes)
            case .numeric: try PostgresNumeric.text(bytes)
            case .int2, .int4, .int8, .oid, .xid, .xid8: integer(bytes, type)
            default: type.isUserDefined ? printable(bytes) : nil
            }
        guard let text else { throw .mismatch(Self.self, type, byteCount: bytes.byteCount) }
        return text
    }

    private static func utf8(_ bytes: RawSpan) -> String? {
        bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    }

    /// One byte with the version of the format, which is 1, then text.
    private static func jsonb(_ bytes: RawSpan) -> String? {
        bytes.withUnsafeBytes { bytes in
            bytes.first == 1 ? String(validating: bytes.dropFirst(), as: UTF8.self) : nil
        }
    }

    private static func uuid(_ bytes: RawSpan) -> String? {
        guard bytes.byteCount == 16 else { return nil }
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 36) { text in
            var position = 0
            for index in 0..<16 {
                if [4, 6, 8, 10].contains(index) {
                    text[position] = UInt8(ascii: "-")
                    position += 1
                }
                let byte = bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
                text[position] = digits[Int(byte >> 4)]
                text[position + 1] = digits[Int(byte & 15)]
                position += 2
            }
            return position
        }
    }

    private static func lsn(_ bytes: RawSpan) -> String? {
        guard bytes.byteCount == 8 else { return nil }
        let value = bytes.bigEndian(UInt64.self)
        return String(value >> 32, radix: 16, uppercase: true) + "/"
            + String(value & 0xFFFF_FFFF, radix: 16, uppercase: true)
    }

    private static func integer(_ bytes: RawSpan, _ type: PostgresType) -> String? {
        switch (type, bytes.byteCount) {
        case (.int2, 2): String(bytes.bigEndian(Int16.self))
        case (.int4, 4): String(bytes.bigEndian(Int32.self))
        case (.int8, 8): String(bytes.bigEndian(Int64.self))
        case (.oid, 4), (.xid, 4): String(bytes.bigEndian(UInt32.self))
        case (.xid8, 8): String(bytes.bigEndian(UInt64.self))
        default: nil
        }
    }

    /// Nobody can know the binary format of a type that an extension brought. Control characters give it away.
    private static func printable(_ bytes: RawSpan) -> String? {
        utf8(bytes).flatMap { text in
            text.utf8.allSatisfy { $0 >= 0x20 || (0x09...0x0D).contains($0) } ? text : nil
        }
    }
}
