import CLibPQ

extension Session {
    /// Runs one statement by the extended protocol.
    func query(
        _ sql: String,
        _ parameters: [PostgresParameter],
        _ deadline: Deadline,
    ) throws -> PostgresResult {
        try statement(send: { () throws(PostgresError) in try send(sql, parameters) }) {
            guard let result = try nextResult(deadline) else {
                throw PostgresError(.unexpectedAnswer, "the server ended a statement without a result")
            }
            let answer = PostgresResult(owning: result)
            if let failure = failure(result) {
                try rethrow(failure, after: result, deadline)
            }
            try readToEnd(deadline)
            return answer
        }
    }

    /// Runs several statements by the simple protocol; the server stops at the first error.
    func execute(script: String, _ deadline: Deadline) throws -> PostgresOutcome {
        var outcome = PostgresOutcome.nothing
        var rows = 0
        try statement(send: { () throws(PostgresError) in try sendForSingleRows(script: script) }) {
            while let result = try nextResult(deadline) {
                defer { PQclear(result) }
                if let failure = failure(result) {
                    try rethrow(failure, after: result, deadline)
                }
                switch PQresultStatus(result) {
                case PGRES_SINGLE_TUPLE: rows += 1
                case PGRES_TUPLES_OK: outcome = .rows(rows); rows = 0
                case PGRES_COMMAND_OK: outcome = .command(PQcmdStatus(result).map { String(cString: $0) } ?? "")
                default: break
                }
            }
        }
        return outcome
    }

    /// Runs one statement and hands over its rows as they arrive.
    func stream<State>(
        _ sql: String,
        _ parameters: [PostgresParameter],
        _ deadline: Deadline,
        into state: inout State,
        _ reduce: (inout State, borrowing PostgresRow) throws -> Void,
    ) throws {
        try statement(send: { () throws(PostgresError) in try sendForSingleRows(sql, parameters) }) {
            while let result = try nextResult(deadline) {
                defer { PQclear(result) }
                if let failure = failure(result) {
                    try rethrow(failure, after: result, deadline)
                }
                if PQresultStatus(result) == PGRES_SINGLE_TUPLE {
                    try reduce(&state, PostgresRow(borrowing: result, row: 0))
                }
            }
        }
    }

    /// After an error report the statement is read to its end, so that the connection can be used again. Results that are
    /// no report (a COPY that we refuse) have no end of their own: the statement is stopped by whoever catches this.
    func rethrow(_ failure: PostgresError, after result: OpaquePointer, _ deadline: Deadline) throws -> Never {
        if PQresultStatus(result) == PGRES_FATAL_ERROR {
            // The first report is the cause; what else goes wrong (the connection's end) follows from it.
            do throws(PostgresError) {
                try readToEnd(deadline)
            } catch {
                guard error.code == .connectionLost else { throw error }
                throw PostgresError(.connectionLost, failure.message, server: failure.server)
            }
        }
        throw failure
    }

    private func send(_ sql: String, _ parameters: [PostgresParameter]) throws(PostgresError) -> Bool {
        try refuseNUL(sql)
        return try EncodedParameters(parameters).send(sql, on: connection)
    }

    private func sendForSingleRows(script: String) throws(PostgresError) -> Bool {
        try refuseNUL(script)
        return PQsendQuery(connection, script) == 1 && PQsetSingleRowMode(connection) == 1
    }

    private func sendForSingleRows(_ sql: String, _ parameters: [PostgresParameter]) throws(PostgresError) -> Bool {
        guard try send(sql, parameters) else { return false }
        return PQsetSingleRowMode(connection) == 1
    }

    /// C would take the text up to the NUL for the whole statement.
    private func refuseNUL(_ sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.misuse, "a statement cannot hold a NUL character") }
    }
}
