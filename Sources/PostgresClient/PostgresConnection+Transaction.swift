extension PostgresConnection {
    /// How long a ROLLBACK may take; it runs even when the task is cancelled.
    private static let rollbackTimeout = Duration.seconds(5)

    /// Runs `body` inside BEGIN and COMMIT; a thrown error leads to ROLLBACK.
    ///
    /// Statements of other tasks on this connection wait until the transaction has ended. A detached task that `body`
    /// waits for must therefore not use the connection; child tasks may. When the connection is lost or the task cancelled
    /// during COMMIT, nobody knows whether it took effect.
    ///
    /// - Parameters:
    ///   - isolation: the actor that `body` runs on; the caller's.
    ///   - level: what the transaction sees of others.
    ///   - readOnly: whether the server refuses changes.
    ///   - body: what to do; it is given this connection.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws; `PostgresError` when BEGIN or COMMIT fails. An aborted transaction whose error `body`
    ///   has swallowed fails with SQLSTATE 25P02.
    public func transaction<R>(
        isolation: isolated (any Actor)? = #isolation,
        _ level: PostgresIsolationLevel = .readCommitted,
        readOnly: Bool = false,
        _ body: (PostgresConnection) async throws -> R,
    ) async throws -> R {
        let transaction = try await gate.openTransaction()
        defer { gate.closeTransaction() }
        do {
            try await begin(level, readOnly: readOnly)
            let enclosing = StatementGate.enclosing.union([transaction])
            let value = try await StatementGate.$enclosing.withValue(enclosing) {
                try await body(self)
            }
            try await commit()
            return value
        } catch {
            await rollBack()
            throw error
        }
    }

    private func begin(_ level: PostgresIsolationLevel, readOnly: Bool) async throws {
        guard isOutsideTransaction else {
            throw PostgresError(.misuse, "the connection is inside a transaction that was begun by statement")
        }
        _ = try await run("BEGIN ISOLATION LEVEL \(level.sql)\(readOnly ? " READ ONLY" : " READ WRITE")")
    }

    private func commit() async throws {
        let result = try await run("COMMIT")
        // The server answers COMMIT in an aborted transaction with ROLLBACK, and not with an error.
        guard result.commandTag == "COMMIT" else {
            throw PostgresError(
                .server,
                "the transaction was rolled back because a statement in it had failed",
                server: .init(sqlState: "25P02", severity: "ERROR"),
            )
        }
    }

    private func rollBack() async {
        guard !isOutsideTransaction else { return }
        do {
            _ = try await run("ROLLBACK", timeout: Self.rollbackTimeout, isShielded: true)
        } catch {
            close()
        }
    }
}
