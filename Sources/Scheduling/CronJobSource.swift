import Cron
import PostgresClient

/// The jobs of people: rows of `cron.job`.
struct CronJobSource: Sendable {
    let timeZones: TimeZoneDatabase
    let defaultZone: String

    /// What `cron.job` holds.
    struct Contents: Sendable {
        var jobs: [Job] = []
        var refusals: [Refusal] = []
    }

    /// Something that cannot be run, and why.
    enum Refusal: Sendable, Hashable, CustomStringConvertible {
        case row(job: String, reason: String)
        case schema(reason: String)

        var description: String {
            switch self {
            case .row(let job, let reason): "\(job): \(reason)"
            case .schema(let reason): "schema cron: \(reason)"
            }
        }

        var observation: SchedulerObservation {
            switch self {
            case .row(let job, let reason): .refusedJob(job, reason: reason)
            case .schema(let reason): .cronSchemaLeftAlone(reason: reason)
            }
        }
    }

    /// The name of a job that is a row of `cron.job`.
    static func name(_ id: Int64) -> String { "cron:\(id)" }

    /// The row's number; nil for the name of another job.
    static func id(_ name: String) -> Int64? {
        name.hasPrefix("cron:") ? Int64(name.dropFirst(5)) : nil
    }

    /// Reads all rows; one that is malformed is refused and disturbs no other.
    func load(_ connection: PostgresConnection) async throws -> Contents {
        switch try await CronSchema.state(connection) {
        case .installed: break
        case .absent: return Contents()
        case .unavailable(let reason): return Contents(refusals: [.schema(reason: reason)])
        }
        let rows = try await connection.query(
            """
            SELECT j.jobid, j.schedule, j.command, j.database, j.username, j.active,
                p.timezone, p.overlap, p.catch_up, p.catch_up_limit, extract(epoch FROM p.timeout)::double precision,
                p.retries, extract(epoch FROM p.jitter)::double precision
            FROM cron.job AS j LEFT JOIN cron.job_policy AS p USING (jobid) ORDER BY j.jobid
            """
        )
        var contents = Contents()
        for row in 0..<rows.rowCount {
            let name = Self.name(try rows.value(row, 0))
            do {
                contents.jobs.append(try job(name, rows, row))
            } catch let error as CronParseError {
                contents.refusals.append(.row(job: name, reason: "\(error)"))
            } catch let error as TimeZoneError {
                contents.refusals.append(.row(job: name, reason: "\(error)"))
            }
        }
        return contents
    }

    private func job(_ name: String, _ rows: borrowing PostgresResult, _ row: Int) throws -> Job {
        var policy = JobPolicy()
        if let overlap: String = try rows.value(row, 7) { policy.overlap = .init(rawValue: overlap) ?? .skip }
        if let catchUp: String = try rows.value(row, 8) { policy.catchUp = .init(rawValue: catchUp) ?? .latest }
        if let limit: Int32 = try rows.value(row, 9) { policy.catchUpLimit = Int(limit) }
        if let timeout: Double = try rows.value(row, 10) { policy.timeout = .seconds(timeout) }
        if let retries: Int32 = try rows.value(row, 11) { policy.retries = Int(retries) }
        if let jitter: Double = try rows.value(row, 12) { policy.jitter = .seconds(jitter) }
        let zone: String? = try rows.value(row, 6)
        return Job(
            name,
            try CronSchedule(rows.value(row, 1), dialect: .extended),
            in: try timeZones.rules(zone ?? defaultZone),
            policy: policy,
            isActive: try rows.value(row, 5),
            action: .command(
                JobCommand(
                    try rows.value(row, 2),
                    JobSession(database: try rows.value(row, 3), role: try rows.value(row, 4)),
                )
            ),
        )
    }
}
