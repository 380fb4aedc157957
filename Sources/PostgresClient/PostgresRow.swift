import CLibPQ

/// One row of a result, valid only where it is lent.
///
/// - Note: It borrows the `PGresult` of the result that lends it; being `~Copyable` and lent as `borrowing`, it cannot
///   outlive that.
public struct PostgresRow: ~Copyable {
    private let result: OpaquePointer
    private let row: Int32

    init(borrowing result: OpaquePointer, row: Int32) {
        self.result = result
        self.row = row
    }

    /// How many columns there are.
    public var columnCount: Int { Int(PQnfields(result)) }

    /// Reads a field.
    ///
    /// - Parameters:
    ///   - column: counted from zero.
    ///   - as: an optional where NULL may occur.
    /// - Returns: the value.
    /// - Throws: `decodingFailed` when the type does not fit or there is no such column.
    public func value<Value: PostgresDecodable>(
        _ column: Int,
        as: Value.Type = Value.self,
    ) throws(PostgresError) -> Value {
        guard let column = Int32(exactly: column), column >= 0, column < PQnfields(result) else {
            throw PostgresError(.decodingFailed, "there is no column \(column), only \(columnCount) of them")
        }
        do {
            return try decode(column)
        } catch {
            throw error.inColumn(Int(column))
        }
    }

    private func decode<Value: PostgresDecodable>(_ column: Int32) throws(PostgresError) -> Value {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
            return try Value.decodeNull()
        }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        // A server that answers in text format although binary was asked for: that can be read as text only.
        let isBinary = PQfformat(result, column) == 1
        return try Value.decode(bytes.bytes, isBinary ? PostgresType(rawValue: PQftype(result, column)) : .text)
    }
}
