/// What frames the rows of a binary COPY.
///
/// Source: PostgreSQL documentation, COPY, "Binary Format".
enum CopyHeader {
    private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]

    /// Length of signature, flags and header extension at the start of the first message.
    static func length(_ message: UnsafeRawBufferPointer) throws(PostgresError) -> Int {
        let fixed = signature.count + 8
        guard message.count >= fixed, message.starts(with: signature) else { throw BinaryCopyRow.malformed }
        let extensionAt = signature.count + 4
        let extra = UInt32(bigEndian: message.loadUnaligned(fromByteOffset: extensionAt, as: UInt32.self))
        guard Int(extra) <= message.count - fixed else { throw BinaryCopyRow.malformed }
        return fixed + Int(extra)
    }

    /// The end of the data is a row with -1 fields.
    static func isTrailer(_ message: UnsafeRawBufferPointer) -> Bool {
        message.count == 2 && message[0] == 0xFF && message[1] == 0xFF
    }
}
