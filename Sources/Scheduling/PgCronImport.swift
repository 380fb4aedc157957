package import Cron
package import PostgresClient

/// Takes over the jobs of the extension pg_cron, and tells beforehand what would be different.
package struct PgCronImport: Sendable {
    /// A job of the extension.
    package struct Source: Sendable, Hashable {
        package var id: Int64
        package var name: String?
        package var schedule: String
        package var command: String
        package var database: String
        package var role: String
        package var isActive: Bool
    }

    /// What becomes of a job.
    package struct Plan: Sendable {
        /// The job.
        package var source: Source
        /// Its schedule as it is taken over; nil when it has to be written anew by hand.
        package var schedule: CronSchedule?
        /// What would be different, or why it cannot be taken over.
        package var warnings: [String]
    }

    /// How a time-table agrees with what the extension did.
    package struct Comparison: Sendable, Hashable, Encodable {
        package var job: Int64
        /// Minutes in which both would have started it, and did.
        package var agreed = 0
        /// Nominal times at which the extension started nothing.
        package var onlyHere: [String] = []
        /// Starts of the extension for which there is no nominal time.
        package var onlyThere: [String] = []
    }

    /// The jobs of the extension in this database.
    ///
    /// - Throws: `MissingExtensionError`, `PostgresError`.
    package static func sources(_ connection: PostgresConnection) async throws -> [Source] {
        guard
            try await connection.query("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_cron')").value(
                0,
                0,
            )
        else { throw MissingExtensionError() }
        // Before version 1.3 jobs had no names.
        return try await connection.query(
            """
            SELECT jobid, to_jsonb(job) ->> 'jobname', schedule, command, database, username, active
            FROM cron.job ORDER BY jobid
            """
        ).map { row in
            Source(
                id: try row.value(0),
                name: try row.value(1),
                schedule: try row.value(2),
                command: try row.value(3),
                database: try row.value(4),
                role: try row.value(5),
                isActive: try row.value(6),
            )
        }
    }

    /// What becomes of a job of the extension.
    package static func plan(_ source: Source) -> Plan {
        var warnings: [String] = []
        let schedule = adopt(source.schedule, &warnings)
        if schedule?.isReboot ?? false {
            warnings.append("it will run when PostgreSQL starts, and not when the extension does")
        }
        if ["@yearly", "@annually"].contains(source.schedule) {
            warnings.append("the extension since 1.6.2 never runs it; here it runs on 1 January at 00:00")
        }
        return Plan(source: source, schedule: schedule, warnings: warnings)
    }

    private static func adopt(_ text: String, _ warnings: inout [String]) -> CronSchedule? {
        do {
            return try CronSchedule(text, dialect: .pgCron)
        } catch {
            let fields = text.split { $0 == " " || $0 == "\t" }
            if fields.count > 5,
                let first = try? CronSchedule(fields.prefix(5).joined(separator: " "), dialect: .pgCron)
            {
                warnings.append("the extension ignores what follows the fifth field; so \"\(first.text)\" is taken")
                return first
            }
            warnings.append("\(error)")
            return nil
        }
    }

    /// Compares the slots of a schedule with what the extension started between two times.
    ///
    /// - Parameters:
    ///   - plan: the job.
    ///   - starts: when the extension started it, in microseconds since 1970.
    ///   - from: the first moment that counts.
    ///   - to: the moment at which it ends.
    /// - Returns: where they differ; a start belongs to the last nominal time before it.
    package static func compare(
        _ plan: Plan,
        starts: [PostgresTimestamp],
        from: PostgresTimestamp,
        to: PostgresTimestamp,
    ) -> Comparison {
        var comparison = Comparison(job: plan.source.id)
        guard let schedule = plan.schedule, !schedule.isReboot else { return comparison }
        var open: Set<NominalTime> = []
        var slot = schedule.next(after: NominalTime(flooring: from), in: .utc)
        while let next = slot, PostgresTimestamp(next) < to {
            open.insert(next)
            slot = schedule.next(after: next, in: .utc)
        }
        for start in starts where start > from && start < to {
            let nominal = schedule.previous(before: NominalTime(flooring: start + .seconds(1)), in: .utc)
            if let nominal, open.remove(nominal) != nil {
                comparison.agreed += 1
            } else {
                comparison.onlyThere.append(start.rfc3339)
            }
        }
        comparison.onlyHere = open.sorted().map(\.description)
        return comparison
    }

    /// Compares the schedules of jobs with what the extension has recorded of the last hours. Runs nothing.
    ///
    /// - Throws: `PostgresError`.
    package static func shadow(
        _ plans: [Plan],
        hours: Int,
        _ connection: PostgresConnection,
    ) async throws -> [Comparison] {
        let bounds = try await connection.query(
            """
            SELECT CASE WHEN count(*) > 0 THEN greatest(now() - $1 * interval '1 hour', min(start_time)) END,
                now() - interval '1 minute'
            FROM cron.job_run_details
            """,
            [.int4(Int32(clamping: hours))],
        )
        guard let from: PostgresTimestamp? = try bounds.value(0, 0), let from else { return [] }
        let to: PostgresTimestamp = try bounds.value(0, 1)
        var comparisons: [Comparison] = []
        for plan in plans where plan.source.isActive {
            let starts = try await connection.query(
                "SELECT start_time FROM cron.job_run_details WHERE jobid = $1 AND start_time > $2 ORDER BY start_time",
                [.int8(plan.source.id), .timestamp(from.microseconds)],
            ).map { try $0.value(0, as: PostgresTimestamp.self) }
            comparisons.append(compare(plan, starts: starts, from: from, to: to))
        }
        return comparisons
    }

    /// Writes jobs into our own `cron.job`; one of a name that its role has there already is left as it is.
    ///
    /// - Parameters:
    ///   - plans: the jobs; those without a schedule are left out.
    ///   - keepsNumbers: whether they keep their numbers, which must be free then.
    ///   - connection: where to, inside a transaction.
    /// - Returns: how many were written.
    /// - Throws: `PostgresError`.
    package static func write(
        _ plans: [Plan],
        keepsNumbers: Bool,
        _ connection: PostgresConnection,
    ) async throws -> Int {
        var written = 0
        for plan in plans {
            guard let schedule = plan.schedule else { continue }
            let source = plan.source
            let answer = try await connection.query(
                """
                INSERT INTO cron.job (jobid, schedule, command, database, username, active, jobname)
                VALUES (coalesce($1, nextval('cron.jobid_seq')), $2, $3, $4, $5, $6, $7)
                ON CONFLICT (jobname, username) DO NOTHING
                """,
                [
                    keepsNumbers ? .int8(source.id) : .null, .text(schedule.text), .text(source.command),
                    .text(source.database), .text(source.role), .bool(source.isActive),
                    source.name.map(PostgresParameter.text) ?? .null,
                ],
            )
            written += answer.affectedRows
        }
        if keepsNumbers {
            _ = try await connection.query(
                "SELECT setval('cron.jobid_seq', greatest((SELECT max(jobid) FROM cron.job), 1))"
            )
        }
        return written
    }
}

/// The extension is not there.
package struct MissingExtensionError: Error, CustomStringConvertible {
    package let description =
        "the extension pg_cron is not installed in this database: there is nothing to import. "
        + "It is in the database that cron.database_name names; --from takes a connection string of that one"
}
