package import ActivitySQL
package import PostgresClient

/// Builds the indexes of `directus_activity` that are missing, while Directus goes on writing: the job `create-indexes`.
///
/// CREATE INDEX CONCURRENTLY waits for whoever has used the table before it, for as long as that takes.
package struct SourceIndexes: Sendable {
    private let postgres: PostgresClient
    private let sql: ActivitySQL
    private let runner: UpkeepRunner

    /// The indexes of the table that `sql` names as the source.
    package init(
        _ postgres: PostgresClient,
        _ sql: ActivitySQL,
        observe: @escaping @Sendable (PipelineObservation) -> Void = { _ in },
    ) {
        self.postgres = postgres
        self.sql = sql
        runner = UpkeepRunner(postgres: postgres, observe: observe)
    }

    /// What became of a build.
    package enum Outcome: Sendable, Equatable {
        /// What was missing has been built, none if none was; the others could not be.
        case done(built: [String], refused: [SourceIndexError])
        /// Another session builds indexes of the table.
        case busy
    }

    /// Looks what is missing, and changes nothing.
    ///
    /// - Throws: `SourceTableError.missingTable`, `PostgresError`.
    package func plan(includingBRIN: Bool = false) async throws -> SourceIndexPlan {
        try await postgres.withConnection { try await SourceIndexPlan($0, sql, includesBRIN: includingBRIN) }
    }

    /// Builds what is missing, one index at a time.
    ///
    /// - Throws: `SourceIndexError` when the role may not, `SourceTableError.missingTable`, `PostgresError`; what was
    ///   built before stays.
    package func build(includingBRIN: Bool = false) async throws -> Outcome {
        try await postgres.withConnection { connection in
            let plan = try await SourceIndexPlan(connection, sql, includesBRIN: includingBRIN)
            let isUnderWay = plan.states.contains { if case .underWay = $0.state { true } else { false } }
            guard !plan.missing.isEmpty || isUnderWay else { return .done(built: [], refused: plan.takenNames) }
            // A second build would wait for the first one, and the first one for the snapshot that waits: a deadlock.
            guard plan.builder == nil else { return .busy }
            if let refusal = plan.refusal { throw refusal }
            guard try await lock(connection) else { return .busy }
            do {
                let outcome = try await buildLocked(connection, includingBRIN)
                try await unlock(connection)
                // The settings of this session are not for others.
                await connection.close()
                return outcome
            } catch {
                // And with the session the lock goes.
                await connection.close()
                throw error
            }
        }
    }

    // MARK: - Building

    private func buildLocked(_ connection: PostgresConnection, _ includingBRIN: Bool) async throws -> Outcome {
        // Others may have built some of them until the lock was there.
        let plan = try await SourceIndexPlan(connection, sql, includesBRIN: includingBRIN)
        guard plan.builder == nil else { return .busy }
        // A large table takes hours, and the role's limits are meant for questions.
        _ = try await connection.execute(script: "SET statement_timeout = 0; SET lock_timeout = 0")
        for (index, leftOvers) in plan.missing {
            for leftOver in leftOvers where try await isInvalid(leftOver, connection) {
                _ = try await connection.query(plan.removal(of: leftOver))
            }
            let statement = index.statement(on: sql.sourceTable)
            _ = try await runner.run(statement, of: index.name, because: "it was missing", connection)
        }
        return .done(built: plan.missing.map(\.index.name), refused: plan.takenNames)
    }

    /// Looked at again, because its builder may have finished between the two looks of the plan.
    private func isInvalid(_ index: String, _ connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            """
            SELECT EXISTS (SELECT FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid
                WHERE x.indrelid = to_regclass($1) AND i.relname = $2 AND NOT x.indisvalid)
            """,
            [.text(sql.sourceTable), .text(index)],
        ).value(0, 0)
    }

    // MARK: - The lock

    /// Never waited for: whoever waits inside of a statement holds a snapshot that a build waits for.
    private func lock(_ connection: PostgresConnection) async throws -> Bool {
        try await connection.query("SELECT pg_try_advisory_lock(\(Self.lockKey))", [.text(sql.sourceTable)]).value(
            0,
            0,
        )
    }

    private func unlock(_ connection: PostgresConnection) async throws {
        _ = try await connection.query("SELECT pg_advisory_unlock(\(Self.lockKey))", [.text(sql.sourceTable)])
    }

    private static let lockKey = "hashtextextended('activityd indexes ' || $1, 0)"
}
