package import ActivitySQL
package import PostgresClient

/// Rebuilds bloated and invalid indexes while they are in use: the job `rebuild-indexes`.
package struct IndexRebuild: Sendable {
    private let sql: ActivitySQL
    private let runner: UpkeepRunner

    /// The indexes of the schema that `sql` names, of the jobs of people, and of Directus's table if the role may.
    package init(
        _ postgres: PostgresClient,
        _ sql: ActivitySQL,
        observe: @escaping @Sendable (PipelineObservation) -> Void,
    ) {
        self.sql = sql
        runner = UpkeepRunner(postgres: postgres, observe: observe)
    }

    /// What was done.
    package struct Report: Sendable, Equatable {
        /// Indexes rebuilt.
        package var rebuilt: [Upkeep] = []
        /// What interrupted rebuilds had left, dropped.
        package var droppedLeftOvers = 0
        /// Indexes left for the next run, because somebody was working on their tables.
        package var inUse = 0

        /// Whether there was nothing to do.
        package var isEmpty: Bool { self == Report() }
    }

    /// Drops what interrupted rebuilds left, then rebuilds one index after the other where it pays.
    ///
    /// - Throws: `PostgresError`; indexes that were rebuilt before stay so.
    package func run() async throws -> Report {
        try await runner.postgres.withConnection { connection in
            var report = Report()
            for index in try await IndexStatistics.all(sql, connection) where index.isLeftOver || index.reason != nil {
                // A rebuild that is under way has left nothing over yet.
                guard try await !runner.isInUse(index.table, connection) else {
                    report.inUse += 1
                    continue
                }
                if let reason = index.reason {
                    let statement = "REINDEX INDEX CONCURRENTLY \(index.index)"
                    report.rebuilt.append(
                        try await runner.run(statement, of: index.index, because: reason, connection)
                    )
                } else {
                    _ = try await connection.query("DROP INDEX CONCURRENTLY IF EXISTS \(index.index)")
                    report.droppedLeftOvers += 1
                }
            }
            return report
        }
    }
}

extension IndexRebuild.Report: CustomStringConvertible {
    package var description: String {
        var parts: [String] = []
        if !rebuilt.isEmpty { parts.append("rebuilt " + rebuilt.summary) }
        if droppedLeftOvers > 0 {
            parts.append("dropped what \(droppedLeftOvers.of("interrupted rebuild")) left")
        }
        if inUse > 0 { parts.append("\(inUse.of("index", "indexes")) in use and left for the next run") }
        return parts.joined(separator: "; ")
    }
}
