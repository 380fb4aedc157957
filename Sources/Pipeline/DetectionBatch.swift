import Activity
import ActivitySQL
package import Detection
import PostgresClient

/// Detection over one batch of the feed, within its transaction.
struct DetectionBatch: Sendable {
    private let sql: ActivitySQL
    private let store: AlertStore
    private let position: DetectionPosition
    private(set) var memory: DetectionMemory

    init(_ sql: ActivitySQL, _ position: DetectionPosition, _ memory: DetectionMemory) {
        self.sql = sql
        self.position = position
        self.memory = memory
        store = AlertStore(sql)
    }

    /// Rows from then on are looked at; those before are history.
    var beginsAt: Timestamp { position.beginsAt }

    /// Looks at a batch and writes what was found.
    ///
    /// - Parameters:
    ///   - rows: the rows of the batch, in order of time.
    ///   - hasMore: whether rows are left, so that what is missing yet is no silence.
    ///   - connection: in the feed's transaction, after the batch is in the facts.
    /// - Returns: what became of alerts and detectors.
    /// - Throws: `PostgresError`.
    mutating func detect(
        _ rows: [ActivityEvent],
        hasMore: Bool,
        _ connection: PostgresConnection,
    ) async throws -> DetectionOutcome {
        let signIns = position.hasAuthEvents ? try await AuthEventStore(sql).takeNew(connection) : []
        let events = (rows + signIns).sorted { ($0.at, $0.id) < ($1.at, $1.id) }
        let learns = !position.hasLearnt && (!events.isEmpty || !hasMore)
        let end = hasMore ? min(position.now, rows.last?.at ?? position.now) : position.now
        let isDue = memory.detector.nextDeadline.map { $0 <= end } ?? false
        guard learns || !events.isEmpty || isDue else { return DetectionOutcome() }
        if learns {
            try await DetectionLoader(sql).learn(
                connection,
                into: &memory.detector.engine,
                memory.settings,
                until: beginsAt,
            )
        }
        let changes = memory.detector.absorb(
            events,
            now: position.now,
            until: end,
            try await store.decisions(connection),
        )
        try await store.record(changes, at: position.now, connection)
        let failures = memory.detector.engine.takeFailures()
        try await remember(failures, learns: learns, connection)
        return DetectionOutcome(alerts: changes, failures: failures)
    }

    private mutating func remember(
        _ failures: [DetectorFailure],
        learns: Bool,
        _ connection: PostgresConnection,
    ) async throws {
        if !failures.isEmpty {
            _ = try await connection.query(
                sql(
                    """
                    INSERT INTO :"schema".detector_failure (detector, reason)
                    SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (detector) DO NOTHING
                    """
                ),
                [.textArray(failures.map(\.detector)), .textArray(failures.map(\.reason))],
            )
        }
        let changes = memory.detector.engine.takeChanges()
        let written = try await connection.query(
            sql.rememberDetection,
            [
                .textArray(changes.map(\.detector)), .textArray(changes.map(\.key)),
                .optionalBytesArray(changes.map(\.state)), .bool(learns),
            ],
        )
        memory.revision = try written.value(0, 0)
    }
}

/// What detection found in a batch.
package struct DetectionOutcome: Sendable, Equatable {
    /// What became of alerts, in order.
    package var alerts: [AlertChange] = []
    /// Detectors that were switched off because they failed.
    package var failures: [DetectorFailure] = []

    /// Whether something is to be published.
    package var hasEvents: Bool { alerts.contains { $0.event != nil } }
}
