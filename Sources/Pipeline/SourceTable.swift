package import ActivitySQL
package import PostgresClient

/// Directus's table as the feed needs it.
package struct SourceTable: Sendable {
    private let sql: ActivitySQL

    /// The table in the schema that `sql` names as the source.
    package init(_ sql: ActivitySQL) {
        self.sql = sql
    }

    private static let columns: [(name: String, types: Set<String>)] = [
        ("id", ["integer", "bigint"]),
        ("action", ["character varying", "text"]),
        ("user", ["uuid"]),
        ("timestamp", ["timestamp with time zone"]),
        ("ip", ["character varying", "text"]),
        ("collection", ["character varying", "text"]),
        ("item", ["character varying", "text"]),
    ]

    /// Checks that the table is there, that it has the columns, and that the role may read them. Others are ignored.
    ///
    /// - Throws: `SourceTableError` that names the first thing that is wrong, `PostgresError` from the server.
    package func check(_ connection: PostgresConnection) async throws {
        let table = try await connection.query("SELECT to_regclass($1) IS NOT NULL", [.text(sql.sourceTable)])
        guard try table.value(0, 0, as: Bool.self) else {
            throw SourceTableError.missingTable(sql.sourceTable)
        }
        let columns = try await connection.query(
            """
            SELECT attname, format_type(atttypid, NULL), has_column_privilege(attrelid, attnum, 'SELECT')
            FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
            """,
            [.text(sql.sourceTable)],
        )
        var found: [String: (type: String, isReadable: Bool)] = [:]
        for row in 0..<columns.rowCount {
            found[try columns.value(row, 0)] = (try columns.value(row, 1), try columns.value(row, 2))
        }
        for column in Self.columns { try check(column.name, found[column.name], accepts: column.types) }
    }

    private func check(_ name: String, _ found: (type: String, isReadable: Bool)?, accepts types: Set<String>) throws {
        guard let found else { throw SourceTableError.missingColumn(name, of: sql.sourceTable) }
        guard types.contains(found.type) else {
            throw SourceTableError.wrongType(name, of: sql.sourceTable, found: found.type, accepted: types.sorted())
        }
        guard found.isReadable else { throw SourceTableError.notReadable(name, of: sql.sourceTable) }
    }
}

/// Why the feed cannot read Directus's table.
package enum SourceTableError: Error, Equatable, CustomStringConvertible {
    /// No such table, or no USAGE on its schema.
    case missingTable(String)
    /// A column that Directus has had since version 9 is not there.
    case missingColumn(String, of: String)
    /// A column has another type than Directus gives it.
    case wrongType(String, of: String, found: String, accepted: [String])
    /// The role has no SELECT on a column.
    case notReadable(String, of: String)

    package var description: String {
        switch self {
        case .missingTable(let table):
            "table \(table) does not exist or its schema may not be used: set directus.schema, or GRANT USAGE ON SCHEMA"
        case .missingColumn(let column, let table):
            "table \(table) has no column \"\(column)\": Directus 9.16 and later has it"
        case .wrongType(let column, let table, let found, let accepted):
            "column \"\(column)\" of \(table) is \(found), accepted is \(accepted.joined(separator: " or "))"
        case .notReadable(let column, let table):
            "column \"\(column)\" of \(table) may not be read: GRANT SELECT ON \(table) TO the daemon's role"
        }
    }
}
