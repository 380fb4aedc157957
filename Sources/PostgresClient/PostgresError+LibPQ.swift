import CLibPQ

extension PostgresError {
    /// Copies an error report out of a result; the caller still owns the result.
    init(result: OpaquePointer, connectionIsLost: Bool) {
        // The codes are PG_DIAG_… of postgres_ext.h, character macros that Swift does not import.
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        var server = ServerFields(sqlState: field("C"), severity: field("V"))
        server.detail = field("D")
        server.hint = field("H")
        server.schemaName = field("s")
        server.tableName = field("t")
        server.columnName = field("c")
        server.constraintName = field("n")
        // libpq's own reports (a closed socket, for example) have a text but no fields.
        let message = field("M") ?? Self.oneLine(PQresultErrorMessage(result))
        self.init(connectionIsLost ? .connectionLost : .server, message, server: server)
    }

    /// Copies the connection's last error text.
    init(_ code: Code, connection: OpaquePointer) {
        self.init(code, Self.oneLine(PQerrorMessage(connection)))
    }

    static let lostEarlier = PostgresError(.connectionLost, "the connection was lost or discarded earlier")
    static let closed = PostgresError(.misuse, "the connection was closed by its owner")
    static let cancelled = PostgresError(.cancelled, "the statement was cancelled")

    /// libpq's texts end in line feeds and may have several lines, one for each host that was tried.
    static func oneLine(_ text: UnsafePointer<CChar>?) -> String {
        guard let text else { return "libpq gave no reason" }
        let lines = String(cString: text).split(whereSeparator: \.isNewline).map { line in
            String(line.drop { $0 == "\t" || $0 == " " })
        }
        return lines.isEmpty ? "libpq gave no reason" : lines.joined(separator: "; ")
    }
}
