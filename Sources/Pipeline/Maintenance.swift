package import ActivitySQL
package import PostgresClient

/// Keeps tables small and statistics true: the job `maintain`.
package struct Maintenance: Sendable {
    private let sql: ActivitySQL
    private let retention: Retention
    private let runner: UpkeepRunner

    /// How long what the daemon writes is kept.
    package struct Retention: Sendable {
        /// The history of jobs.
        package var runs: Duration
        /// Facts.
        package var facts: FactRetention
        /// Alerts that have ended, their events and reported sign-ins.
        package var alerts: Duration
        /// Events of alerts that are kept whatever their age.
        package var newestEvents: Int64

        /// A retention from its parts.
        package init(
            runs: Duration,
            facts: FactRetention,
            alerts: Duration = .seconds(90 * 86_400),
            newestEvents: Int64 = 100_000,
        ) {
            self.runs = runs
            self.facts = facts
            self.alerts = alerts
            self.newestEvents = newestEvents
        }
    }

    /// Maintenance of the schema that `sql` names, of the jobs of people, and of Directus's table if the role may.
    package init(
        _ postgres: PostgresClient,
        _ sql: ActivitySQL,
        _ retention: Retention,
        observe: @escaping @Sendable (PipelineObservation) -> Void,
    ) {
        self.sql = sql
        self.retention = retention
        runner = UpkeepRunner(postgres: postgres, observe: observe)
    }

    /// What was done.
    package struct Report: Sendable, Equatable {
        /// Partitions of facts that there are from this month on.
        package var partitionsAhead = 0
        /// Partitions of facts dropped.
        package var droppedPartitions = 0
        /// Partitions of facts left for the next run, because somebody was reading facts.
        package var partitionsInUse = 0
        /// Rows of `job_run` and `cron.job_run_details` deleted.
        package var prunedRuns = 0
        /// Alerts, events of alerts and reported sign-ins deleted.
        package var prunedAlerts = 0
        /// Tables whose statistics were looked at.
        package var tables = 0
        /// Tables vacuumed or analyzed.
        package var upkeep: [Upkeep] = []
        /// Tables left for the next run, because somebody was working on them.
        package var tablesInUse = 0
    }

    /// Makes partitions ahead, forgets what retention has done with, vacuums and analyzes where it pays.
    ///
    /// - Throws: `PostgresError`; what was done before stays done.
    package func run() async throws -> Report {
        try await runner.postgres.withConnection { connection in
            var report = Report()
            report.partitionsAhead = try await FactPartitions(sql: sql).makeAhead(connection)
            report.prunedRuns = try await RunPruning(sql, retention.runs).run(connection)
            report.prunedAlerts = try await AlertPruning(
                sql,
                retention.alerts,
                streamLength: retention.newestEvents,
            ).run(connection)
            (report.droppedPartitions, report.partitionsInUse) =
                try await FactExpiry(sql, retention.facts).run(connection)
            try await keepUp(connection, &report)
            return report
        }
    }

    private func keepUp(_ connection: PostgresConnection, _ report: inout Report) async throws {
        let tables = try await TableStatistics.all(sql, connection)
        report.tables = tables.count
        for table in tables {
            guard let need = table.need else { continue }
            // SKIP_LOCKED is for who comes between.
            guard try await !runner.isInUse(table.table, connection) else {
                report.tablesInUse += 1
                continue
            }
            report.upkeep.append(
                try await runner.run(need.statement, of: table.table, because: need.reason, connection)
            )
        }
    }
}

extension Maintenance.Report: CustomStringConvertible {
    package var description: String {
        var done = [partitionsAhead.of("partition") + " ahead"]
        if droppedPartitions > 0 { done.append("\(droppedPartitions.grouped) dropped") }
        if partitionsInUse > 0 { done.append("\(partitionsInUse.grouped) in use and left for the next run") }
        if prunedRuns > 0 { done.append("\(prunedRuns.of("run")) deleted") }
        if prunedAlerts > 0 { done.append("\(prunedAlerts.of("row")) of alerts deleted") }
        var parts = [done.joined(separator: ", ")]
        for (command, verb) in [("VACUUM", "vacuumed "), ("ANALYZE", "analyzed ")] {
            let upkeep = upkeep.filter { $0.command == command }
            if !upkeep.isEmpty { parts.append(verb + upkeep.summary) }
        }
        if tablesInUse > 0 { parts.append("\(tablesInUse.of("table")) in use and left for the next run") }
        if parts.count == 1 { parts.append("\(tables.of("table")) looked at, none wants a vacuum") }
        return parts.joined(separator: "; ")
    }
}
