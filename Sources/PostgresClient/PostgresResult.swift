import CLibPQ

/// The answer to one statement.
///
/// - Note: `@unchecked Sendable` because libpq guarantees that a `PGresult` is read-only after its creation and may be
///   passed between threads (PostgreSQL documentation, "Behavior in Threaded Programs"). This value is its only owner.
public struct PostgresResult: ~Copyable, @unchecked Sendable {
    private let result: OpaquePointer

    /// Takes ownership; `PQclear` is called at the end of this value's life.
    init(owning result: OpaquePointer) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    /// How many rows there are.
    public var rowCount: Int { Int(PQntuples(result)) }
    /// How many columns each row has.
    public var columnCount: Int { Int(PQnfields(result)) }
    /// What the server did, for example `INSERT 0 3`; empty for an empty statement.
    public var commandTag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }
    /// Rows that were inserted, updated, deleted, selected, moved or copied; zero for other statements.
    public var affectedRows: Int { PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0 }

    /// The names of the columns, in order.
    public var columnNames: [String] {
        (0..<PQnfields(result)).map { column in PQfname(result, column).map { String(cString: $0) } ?? "" }
    }

    /// The types of the columns, in order.
    public var columnTypes: [PostgresType] {
        (0..<PQnfields(result)).map { PostgresType(rawValue: PQftype(result, $0)) }
    }

    /// Reads a field.
    ///
    /// - Parameters:
    ///   - row: counted from zero.
    ///   - column: counted from zero.
    ///   - as: an optional where NULL may occur.
    /// - Returns: the value.
    /// - Throws: `decodingFailed` when the type does not fit or there is no such field.
    public func value<Value: PostgresDecodable>(
        _ row: Int,
        _ column: Int,
        as: Value.Type = Value.self,
    ) throws(PostgresError) -> Value {
        guard let index = Int32(exactly: row), index >= 0, index < PQntuples(result) else {
            throw PostgresError(.decodingFailed, "there is no row \(row), only \(rowCount) of them")
        }
        return try PostgresRow(borrowing: result, row: index).value(column)
    }

    /// Calls `body` with each row and collects what it returns.
    public func map<Value, Failure: Error>(
        _ body: (borrowing PostgresRow) throws(Failure) -> Value
    ) throws(Failure) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(rowCount)
        for row in 0..<PQntuples(result) {
            values.append(try body(PostgresRow(borrowing: result, row: row)))
        }
        return values
    }
}
