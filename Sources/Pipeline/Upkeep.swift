import PostgresClient

/// One table vacuumed or analyzed, or one index built or rebuilt.
package struct Upkeep: Sendable, Hashable {
    /// VACUUM, ANALYZE, REINDEX or CREATE.
    package var command: String
    /// The table or index, in quotes.
    package var subject: String
    /// Why it was done, for people.
    package var reason: String
    /// How long it took.
    package var duration: Duration
}

extension [Upkeep] {
    /// More are counted and not named.
    private static var mostNamed: Int { 5 }

    /// What it was and why, in one line.
    var summary: String {
        let named = prefix(Self.mostNamed).map { "\($0.subject) (\($0.reason))" }.joined(separator: ", ")
        return count > Self.mostNamed ? "\(named) and \((count - Self.mostNamed).grouped) more" : named
    }
}

/// Runs statements that want no transaction around them, and tells how they get on.
struct UpkeepRunner: Sendable {
    let postgres: PostgresClient
    let observe: @Sendable (PipelineObservation) -> Void

    /// Runs one statement to its end.
    ///
    /// - Throws: `PostgresError`.
    func run(
        _ statement: String,
        of subject: String,
        because reason: String,
        _ connection: PostgresConnection,
    ) async throws -> Upkeep {
        let start = ContinuousClock.now
        try await ServerProgress.follow(statement, of: subject, on: connection, postgres, observe)
        let upkeep = Upkeep(
            command: String(statement.prefix { $0 != " " }),
            subject: subject,
            reason: reason,
            duration: start.duration(to: .now),
        )
        observe(.maintained(upkeep))
        return upkeep
    }

    /// Whether somebody vacuums a table, builds an index on it, or changes it.
    ///
    /// The locks say so of everybody. The views of progress show the work of other roles to privileged ones only.
    func isInUse(_ table: String, _ connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            """
            SELECT EXISTS (
                SELECT FROM pg_locks
                WHERE locktype = 'relation' AND relation = to_regclass($1) AND granted
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                               'AccessExclusiveLock'))
            """,
            [.text(table)],
        ).value(0, 0)
    }
}
