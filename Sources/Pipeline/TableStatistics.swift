import ActivitySQL
import PostgresClient

/// What PostgreSQL knows of a table, and what that calls for.
struct TableStatistics: Sendable {
    /// Schema and name, in quotes.
    var table: String
    /// Its rows are in other tables, so that only ANALYZE means anything.
    var isPartitioned = false
    var live: Int64 = 0
    var dead: Int64 = 0
    /// Rows inserted since the last VACUUM.
    var inserted: Int64 = 0
    /// Rows changed since the last ANALYZE.
    var changed: Int64 = 0
    var isAnalyzed = true
    /// Transactions since the oldest row was frozen.
    var age: Int64 = 0
    /// The age at which autovacuum starts whatever else is going on.
    var longestAge: Int64 = 200_000_000

    /// A statement and why it pays.
    struct Need: Sendable, Equatable {
        var statement: String
        var reason: String
    }

    /// What pays, if anything does.
    var need: Need? {
        let vacuum = isPartitioned ? nil : vacuumNeed
        return vacuum ?? analyzeNeed
    }

    private var vacuumNeed: Need? {
        if age > longestAge / 2 {
            // A vacuum of another kind passes over pages that it knows to be visible, and may leave the age as it is.
            return Need(
                statement: "VACUUM (FREEZE, ANALYZE, SKIP_LOCKED) \(table)",
                reason: "not frozen for \(age.of("transaction"))",
            )
        }
        let statement = "VACUUM (ANALYZE, SKIP_LOCKED) \(table)"
        if dead > 1_000, dead > live / 20 { return Need(statement: statement, reason: dead.of("dead row")) }
        // The visibility map, which lets an index be read without the table, knows nothing of them yet.
        if inserted > 10_000, inserted > live / 5 {
            return Need(statement: statement, reason: "\(inserted.of("row")) inserted since the last vacuum")
        }
        return nil
    }

    private var analyzeNeed: Need? {
        let statement = "ANALYZE (SKIP_LOCKED) \(table)"
        if !isAnalyzed, live > 0 { return Need(statement: statement, reason: "never analyzed") }
        guard changed > 1_000, changed > live / 10 else { return nil }
        return Need(statement: statement, reason: "\(changed.of("row")) changed since the last analyze")
    }

    /// The statistics of every table that the role may vacuum.
    ///
    /// - Throws: `PostgresError`.
    static func all(_ sql: ActivitySQL, _ connection: PostgresConnection) async throws -> [TableStatistics] {
        try await connection.query(sql.tableStatistics, [.text(sql.schema), .text(sql.sourceTable)]).map { row in
            TableStatistics(
                table: try row.value(0),
                isPartitioned: try row.value(1),
                live: try row.value(2),
                dead: try row.value(3),
                inserted: try row.value(4),
                changed: try row.value(5),
                isAnalyzed: try row.value(6),
                age: try row.value(7),
                longestAge: try row.value(8),
            )
        }
    }
}
