package import Activity
package import ActivitySQL
package import Detection
package import PostgresClient

/// Reported sign-ins on their way from HTTP to the detectors: rows of `auth_event`.
package struct AuthEventStore: Sendable {
    private let sql: ActivitySQL

    /// The most that one transaction of the feed takes; the rest waits for the next.
    package static let batchSize: Int64 = 10_000

    /// A store in the schema that `sql` names.
    package init(_ sql: ActivitySQL) {
        self.sql = sql
    }

    /// Stores events, leaving out those whose name is known already, in one statement: all or nothing.
    ///
    /// - Throws: `PostgresError`; after a lost connection they may have been stored all the same.
    package func add(_ events: [AuthEvent], _ connection: PostgresConnection) async throws -> StoredAuthEvents {
        let stored = try await connection.query(
            sql(
                """
                INSERT INTO :"schema".auth_event (client_id, "timestamp", outcome, "user", email, ip, user_agent)
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (client_id) DO NOTHING
                """
            ),
            [
                .optionalTextArray(events.map(\.clientID)), .timestampArray(events.map(\.at.microseconds)),
                .textArray(events.map(\.outcome.rawValue)), .optionalTextArray(events.map(\.user)),
                .optionalTextArray(events.map(\.email)), .textArray(events.map(\.ip)),
                .optionalTextArray(events.map(\.userAgent)),
            ],
            timeout: .seconds(10),
        ).affectedRows
        return StoredAuthEvents(accepted: stored, duplicates: events.count - stored)
    }

    /// Takes events that no detector has seen, in the order in which they were stored.
    ///
    /// To be called in the transaction that writes what detectors make of them: they come again when it is rolled back.
    ///
    /// - Returns: at most ``batchSize`` of them; when there are as many, more may be waiting.
    /// - Throws: `PostgresError`.
    package func takeNew(_ connection: PostgresConnection) async throws -> [ActivityEvent] {
        try await connection.query(
            sql(
                """
                WITH taken AS (
                    UPDATE :"schema".auth_event SET is_detected = true
                    WHERE id IN (
                        SELECT id FROM :"schema".auth_event WHERE NOT is_detected
                        ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
                    )
                    RETURNING id, "timestamp", outcome, "user", email, ip
                )
                SELECT * FROM taken ORDER BY id
                """
            ),
            [.int8(Self.batchSize)],
        ).map { row in try ActivityEvent(authEvent: row) }
    }
}

extension ActivityEvent {
    /// A row of `id, timestamp, outcome, user, email, ip`. A user who is not known is called by the address that was
    /// tried, in lower case as Directus compares it.
    init(authEvent row: borrowing PostgresRow) throws {
        let outcome: String = try row.value(2)
        let user: String? = try row.value(3)
        let email: String? = try row.value(4)
        self.init(
            id: -(try row.value(0, as: Int64.self)),
            at: Timestamp(microseconds: try row.value(1, as: PostgresTimestamp.self).microseconds),
            user: (user ?? email)?.lowercased(),
            ip: try row.value(5),
            collection: "directus_users",
            action: outcome == AuthEvent.Outcome.success.rawValue ? Self.login : Self.failedLogin,
            item: user?.lowercased(),
        )
    }
}
