import ActivitySQL
import PostgresClient

/// What happens to runs after they were claimed.
extension JobLedger {
    private static let timeout = Duration.seconds(10)

    /// What became of a completion.
    struct Recorded: Sendable {
        var id: Int64
        /// Nil when the run ended with it, else when the next attempt is due.
        var retryAt: PostgresTimestamp?
        /// Whether other runs of that job wait.
        var hasQueued: Bool
    }

    /// A run that another daemon has.
    struct ForeignRun: Sendable, Hashable {
        var id: Int64
        var heartbeat: Int32
    }

    /// What a look around found.
    struct Sweep: Sendable {
        var position: Position
        /// Whether the clock was set back since the last decision.
        var wasSetBack: Bool
        /// Whether something waits whose time has come.
        var hasQueued: Bool
        /// What others run.
        var foreignRuns: [ForeignRun]
    }

    /// Writes how runs ended; those that are no longer this daemon's are left alone and not in the answer.
    func record(_ completions: [Completion]) async throws -> [Recorded] {
        try await postgres.query(
            sql(
                """
                SELECT id, CASE WHEN status = 'queued' THEN due_at END, has_queued
                FROM :"schema".finish_runs(
                    $1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz[], $10, $11::integer[], $12)
                """
            ),
            [
                .text(owner),
                .int8Array(completions.map(\.claim.id)),
                .textArray(completions.map(\.claim.job)),
                .timestampArray(completions.map(\.claim.nominalAt.microseconds)),
                .int4Array(completions.map(\.claim.attempt)),
                .textArray(completions.map(\.outcome.status.rawValue)),
                .optionalTextArray(completions.map(\.outcome.reason)),
                .optionalTextArray(completions.map { $0.outcome.result?.withoutNUL }),
                .optionalTextArray(completions.map { $0.startedAt?.rfc3339 }),
                .timestampArray(completions.map(\.finishedAt.microseconds)),
                .optionalTextArray(completions.map { $0.processID.map(String.init) }),
                .doubleArray(completions.map { $0.pause / .seconds(1) }),
            ],
            timeout: Self.timeout,
        ).map { row in
            Recorded(id: try row.value(0), retryAt: try row.value(1), hasQueued: try row.value(2))
        }
    }

    /// Gives a sign of life.
    ///
    /// - Returns: for each run that is still this daemon's whether somebody wants it ended.
    func renew(_ runs: [ActiveRuns.Sign]) async throws -> [Int64: Bool] {
        let answer = try await postgres.query(
            sql(
                """
                SELECT id, cancel_requested
                FROM :"schema".renew_runs($1, $2, $3, $4::timestamptz[], $5::integer[])
                """
            ),
            [
                .text(owner), .int8Array(runs.map(\.claim.id)), .int4Array(runs.map(\.claim.attempt)),
                .optionalTextArray(runs.map { $0.startedAt?.rfc3339 }),
                .optionalTextArray(runs.map { $0.processID.map(String.init) }),
            ],
            timeout: Self.timeout,
        )
        var isWanted: [Int64: Bool] = [:]
        for row in 0..<answer.rowCount { isWanted[try answer.value(row, 0)] = try answer.value(row, 1) }
        return isWanted
    }

    /// Looks for whatever no notification tells, without writing.
    func sweep() async throws -> Sweep {
        let asked = ContinuousClock.now
        let answer = try await postgres.query(
            sql(
                """
                SELECT c.era, n.now, n.now < c.latest - interval '1 second',
                    EXISTS (SELECT FROM :"schema".job_run AS q WHERE q.status = 'queued' AND q.due_at <= n.now),
                    ARRAY(SELECT r.id FROM :"schema".job_run AS r
                          WHERE r.status IN ('claimed', 'running') AND r.owner <> $1 ORDER BY r.id),
                    ARRAY(SELECT r.heartbeat FROM :"schema".job_run AS r
                          WHERE r.status IN ('claimed', 'running') AND r.owner <> $1 ORDER BY r.id)
                FROM :"schema".scheduler_clock AS c, (SELECT :"schema".scheduler_now() AS now OFFSET 0) AS n
                """
            ),
            [.text(owner)],
            timeout: Self.timeout,
        )
        let ids: [Int64] = try answer.value(0, 4)
        let heartbeats: [Int32] = try answer.value(0, 5)
        return Sweep(
            position: try position(answer.value(0, 0), answer.value(0, 1), askedAt: asked),
            wasSetBack: try answer.value(0, 2),
            hasQueued: try answer.value(0, 3),
            foreignRuns: zip(ids, heartbeats).map { ForeignRun(id: $0, heartbeat: $1) },
        )
    }

    /// Ends runs whose daemon gave no sign of life since these heartbeats.
    ///
    /// - Returns: the jobs that they were of.
    func expire(_ runs: [ForeignRun]) async throws -> [(job: String, owner: String)] {
        try await postgres.query(
            sql("SELECT job, owner FROM :\"schema\".expire_runs($1, $2)"),
            [.int8Array(runs.map(\.id)), .int4Array(runs.map(\.heartbeat))],
            timeout: Self.timeout,
        ).map { row in (try row.value(0), try row.value(1)) }
    }
}

extension String {
    /// PostgreSQL stores no NUL.
    var withoutNUL: String { contains("\0") ? replacing("\0", with: "\u{FFFD}") : self }
}
