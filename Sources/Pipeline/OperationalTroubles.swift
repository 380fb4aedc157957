import Activity
import ActivitySQL
import Detection
import PostgresClient

/// What is wrong with the daemon's own work at one moment, read in one transaction.
struct OperationalTroubles {
    /// What was found, new and lasting.
    private(set) var findings: [Finding] = []
    private let now: Timestamp
    private var failing: Set<String> = []
    private var failedDetectors: Set<String> = []
    private var isStale = false

    /// Failed and missed runs looked at in one go; more wait for the next look.
    private static let mostRuns = 1000
    private static let longestReason = 200

    /// Reads everything and notes that it has been seen.
    ///
    /// - Throws: `PostgresError`.
    init(
        _ connection: PostgresConnection,
        _ sql: ActivitySQL,
        staleAfter: Duration?,
        at now: Timestamp,
    ) async throws {
        self.now = now
        try await readRuns(connection, sql)
        try await readFailingJobs(connection, sql)
        if let staleAfter { try await readStaleness(connection, sql, staleAfter / .seconds(1)) }
        try await readDrift(connection, sql)
        try await readDetectors(connection, sql)
    }

    /// Whether what an alert was about is known to be well again.
    func isOver(_ finding: Finding) -> Bool {
        switch OperationalRule(rawValue: finding.rule.name) {
        case .jobFailed: !failing.contains(finding.subject.job ?? "")
        case .dataStale: !isStale
        case .detectorFailed: !failedDetectors.contains(finding.subject.detector ?? "")
        case .jobMissed, .drift, nil: false
        }
    }

    /// Runs that failed or were missed since the last look.
    private mutating func readRuns(_ connection: PostgresConnection, _ sql: ActivitySQL) async throws {
        let runs = try await connection.query(sql.noticeRuns, [.int8(Int64(Self.mostRuns))])
        for run in try runs.map({ try TroubledRun($0) }) {
            let rule: OperationalRule = run.isMissed ? .jobMissed : .jobFailed
            // The next look sees whether it has succeeded since.
            if !run.isMissed { failing.insert(run.job) }
            let reason =
                run.isMissed
                ? "\(run.slots) slots missed from \(run.from): \(run.reason)"
                : "the run of \(run.from) failed: \(run.reason)"
            add(rule, job: run.job, at: run.at, observed: Double(run.slots), count: run.slots, reason: reason)
        }
    }

    /// Jobs whose newest ended run failed keep their alert open.
    private mutating func readFailingJobs(_ connection: PostgresConnection, _ sql: ActivitySQL) async throws {
        let jobs = try await connection.query(sql.failingJobs)
        for (job, reason) in try jobs.map({ try ($0.value(0, as: String.self), $0.value(1, as: String.self)) }) {
            failing.insert(job)
            add(.jobFailed, job: job, at: now, observed: 1, count: 1, reason: reason, isNew: false)
        }
    }

    private mutating func readStaleness(
        _ connection: PostgresConnection,
        _ sql: ActivitySQL,
        _ limit: Double,
    ) async throws {
        let ages = try await connection.query(sql.feedAge).map { try $0.value(0, as: Double.self) }
        guard let age = ages.first, age > limit else { return }
        isStale = true
        let reason = "no batch was fed for \(Int(age)) seconds"
        add(.dataStale, at: now, observed: age, threshold: limit, count: 1, reason: reason)
    }

    private mutating func readDrift(_ connection: PostgresConnection, _ sql: ActivitySQL) async throws {
        let noticed = try await connection.query(sql.noticeDrift)
        let hours: Int64 = try noticed.value(0, 0)
        guard hours > 0 else { return }
        let reason =
            "\(hours) hours of facts differed from directus_activity and were repaired: "
            + (try noticed.value(0, 1, as: String.self))
        add(.drift, at: now, observed: Double(hours), count: Int(hours), reason: reason)
    }

    private mutating func readDetectors(_ connection: PostgresConnection, _ sql: ActivitySQL) async throws {
        let failures = try await connection.query(
            sql("SELECT detector, reason, failed_at FROM :\"schema\".detector_failure ORDER BY detector")
        )
        for (detector, reason, at) in try failures.map({ row in
            try (row.value(0, as: String.self), row.value(1, as: String.self), row.timestamp(2))
        }) {
            failedDetectors.insert(detector)
            let words = "\(detector) is off: \(reason); activityd alerts reset \(detector) lets it begin anew"
            add(.detectorFailed, detector: detector, at: at, observed: 1, count: 1, reason: words)
        }
    }

    private mutating func add(
        _ rule: OperationalRule,
        job: String? = nil,
        detector: String? = nil,
        at: Timestamp,
        observed: Double,
        threshold: Double = 1,
        count: Int,
        reason: String,
        isNew: Bool = true,
    ) {
        findings.append(
            Finding(
                rule: rule.rule,
                alertType: rule.alertType,
                severity: rule.severity,
                subject: Finding.Subject(job: job, detector: detector),
                at: at,
                window: min(at, now)...now,
                observed: observed,
                threshold: threshold,
                score: observed - threshold,
                reason: String(reason.prefix(Self.longestReason)),
                count: count,
                isAboveThreshold: isNew,
            )
        )
    }
}

/// A run that failed, or slots that were missed.
private struct TroubledRun {
    let job: String
    let isMissed: Bool
    let from: Timestamp
    let at: Timestamp
    let slots: Int
    let reason: String

    init(_ row: borrowing PostgresRow) throws(PostgresError) {
        job = try row.value(0)
        isMissed = try row.value(1)
        from = try row.timestamp(2)
        at = try row.timestamp(3)
        slots = Int(try row.value(4, as: Int64.self))
        reason = try row.value(5)
    }
}
