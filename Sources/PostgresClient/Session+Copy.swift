import CLibPQ

extension Session {
    /// Runs `COPY … TO STDOUT` and hands over its rows as they arrive.
    func copyOut<State>(
        _ source: String,
        _ deadline: Deadline,
        into state: inout State,
        _ reduce: (inout State, inout BinaryCopyRow) throws -> Void,
    ) throws {
        let query = CopySource.query(source)
        let types = try columnTypes(query, deadline)
        let sql = "COPY (\(query)\n) TO STDOUT (FORMAT binary)"
        try statement(send: { () throws(PostgresError) in PQsendQuery(connection, sql) == 1 }) {
            try expectCopyOut(deadline)
            try readRows(types, deadline, into: &state, reduce)
            try readToEnd(deadline)
        }
    }

    /// COPY does not say what it sends, so the same query is asked for no rows before.
    private func columnTypes(_ query: String, _ deadline: Deadline) throws -> [PostgresType] {
        try self.query("SELECT * FROM (\(query)\n) AS source LIMIT 0", [], deadline).columnTypes
    }

    private func expectCopyOut(_ deadline: Deadline) throws {
        guard let result = try nextResult(deadline) else {
            throw PostgresError(.unexpectedAnswer, "the server ended a COPY before it began")
        }
        defer { PQclear(result) }
        guard PQresultStatus(result) != PGRES_COPY_OUT else { return }
        let unexpected = PostgresError(.unexpectedAnswer, "the server did not begin to COPY")
        try rethrow(failure(result) ?? unexpected, after: result, deadline)
    }

    /// "Messages sent from the backend will always correspond to single data rows" (PostgreSQL documentation, CopyData);
    /// the header comes before the first row in the same message.
    private func readRows<State>(
        _ types: [PostgresType],
        _ deadline: Deadline,
        into state: inout State,
        _ reduce: (inout State, inout BinaryCopyRow) throws -> Void,
    ) throws {
        guard let first = try nextMessage(deadline) else { return }
        defer { PQfreemem(UnsafeMutableRawPointer(mutating: first.baseAddress)) }
        let rest = UnsafeRawBufferPointer(rebasing: first[try CopyHeader.length(first)...])
        var row = BinaryCopyRow(types: types)
        if !rest.isEmpty, !CopyHeader.isTrailer(rest) {
            try row.move(to: rest)
            try reduce(&state, &row)
        }
        while let message = try nextMessage(deadline) {
            defer { PQfreemem(UnsafeMutableRawPointer(mutating: message.baseAddress)) }
            guard !CopyHeader.isTrailer(message) else { continue }
            try row.move(to: message)
            try reduce(&state, &row)
        }
    }

    /// The caller frees the message with `PQfreemem`; nil at the end of the copy or after an error of the server.
    private func nextMessage(_ deadline: Deadline) throws(PostgresError) -> UnsafeRawBufferPointer? {
        var buffer: UnsafeMutablePointer<CChar>?
        while true {
            let length = PQgetCopyData(connection, &buffer, 1)
            guard length <= 0 else { return UnsafeRawBufferPointer(start: buffer, count: Int(length)) }
            guard length == 0 else { return nil }
            guard try awaitInput(deadline) else { throw PostgresError(.connectionLost, connection: connection) }
        }
    }
}
