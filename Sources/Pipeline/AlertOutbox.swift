package import ActivitySQL
package import PostgresClient

/// The events of alerts in PostgreSQL: what waits for a number, what waits to be sent, and what was sent.
///
/// A number is given once, in ascending order and under the lock of the row `relay`. Whoever sees a number therefore
/// sees all smaller ones: the transaction that gave them had ended before the lock was free.
package struct AlertOutbox: Sendable {
    private let postgres: PostgresClient
    private let sql: ActivitySQL

    /// The outbox in the schema that `sql` names.
    package init(_ postgres: PostgresClient, _ sql: ActivitySQL) {
        self.postgres = postgres
        self.sql = sql
    }

    /// Reads numbered events, sent or not, in order.
    ///
    /// - Parameters:
    ///   - sequence: the number before the first.
    ///   - limit: how many at most.
    /// - Returns: the events; fewer than `limit` when there are no more.
    /// - Throws: `PostgresError`.
    package func events(after sequence: Int64, limit: Int) async throws -> [AlertEvent] {
        try await postgres.query(
            sql("\(Self.selection) WHERE relay_seq > $1 ORDER BY relay_seq LIMIT $2"),
            [.int8(sequence), .int8(Int64(limit))],
        ).map { try AlertEvent($0) }
    }

    /// The number of the newest event that has one; 0 when there is none.
    ///
    /// - Throws: `PostgresError`.
    package func newestSequence() async throws -> Int64 {
        try await postgres.query(sql("SELECT numbered FROM :\"schema\".relay")).value(0, 0)
    }

    /// The same for those that were written in a period of time, its end excluded.
    func events(
        after sequence: Int64,
        writtenIn period: Range<PostgresTimestamp>,
        limit: Int,
    ) async throws -> [AlertEvent] {
        try await postgres.query(
            sql(
                """
                \(Self.selection) WHERE relay_seq > $1 AND created_at >= $3 AND created_at < $4
                ORDER BY relay_seq LIMIT $2
                """
            ),
            [
                .int8(sequence), .int8(Int64(limit)),
                .timestamp(period.lowerBound.microseconds), .timestamp(period.upperBound.microseconds),
            ],
        ).map { try AlertEvent($0) }
    }

    /// Events are JSON objects that are not empty, by a constraint of the table; the sequence is their last member.
    private static let selection = """
        SELECT relay_seq, left(event, -1) || ',"sequence":"' || relay_seq || '"}',
            extract(epoch FROM clock_timestamp() - created_at)::double precision
        FROM :"schema".alert_outbox
        """

    // MARK: - For the relay

    /// What has not been sent yet.
    func backlog() async throws -> AlertBacklog {
        let answer = try await postgres.query(
            sql(
                """
                SELECT r.numbered, r.delivered, fresh.count, fresh.count + unsent.count,
                    coalesce(extract(epoch FROM clock_timestamp() - least(fresh.oldest, unsent.oldest)), 0)::double precision
                FROM :"schema".relay AS r
                CROSS JOIN LATERAL (
                    SELECT count(*), min(created_at) AS oldest FROM :"schema".alert_outbox WHERE relay_seq IS NULL
                ) AS fresh
                CROSS JOIN LATERAL (
                    SELECT count(*), min(created_at) AS oldest FROM :"schema".alert_outbox WHERE relay_seq > r.delivered
                ) AS unsent
                """
            )
        )
        return AlertBacklog(
            count: try answer.value(0, 3),
            age: .seconds(try answer.value(0, 4, as: Double.self)),
            unnumbered: try answer.value(0, 2),
            position: AlertPosition(numbered: try answer.value(0, 0), delivered: try answer.value(0, 1)),
        )
    }

    /// Gives the next numbers to events that have none, and notes what the stream shows to be delivered.
    ///
    /// A stream that goes on beyond the last number given was filled from a later state of this database, of which a
    /// backup was restored or a standby promoted. Numbers go on after it, and what had a number but was not known to be
    /// delivered gets another: two numbers for one event harm nobody, as its id stays, and none would lose it.
    ///
    /// - Parameters:
    ///   - end: the last number in the stream, read before this call.
    ///   - limit: how many to number at most.
    /// - Returns: where numbering and delivery stand then.
    /// - Throws: `PostgresError`; nothing was changed then.
    func number(after end: Int64, limit: Int) async throws -> Numbering {
        try await postgres.withConnection { connection in
            try await connection.transaction { connection in
                let row = try await connection.query(
                    sql("SELECT numbered, delivered FROM :\"schema\".relay FOR UPDATE")
                )
                let found = AlertPosition(numbered: try row.value(0, 0), delivered: try row.value(0, 1))
                if end > found.numbered { try await forgetUnsent(found, connection) }
                var position = AlertPosition(
                    numbered: max(found.numbered, end),
                    delivered: max(found.delivered, end),
                )
                let count = try await number(from: position.numbered, limit, connection)
                position.numbered += Int64(count)
                if position != found { try await store(position, connection) }
                return Numbering(
                    position: position,
                    raisedFrom: end > found.numbered ? found.numbered : nil,
                    count: count,
                )
            }
        }
    }

    /// Notes that every event up to this one is in the stream and was announced.
    func confirm(_ sequence: Int64) async throws {
        _ = try await postgres.query(
            sql("UPDATE :\"schema\".relay SET delivered = $1 WHERE delivered < $1"),
            [.int8(sequence)],
        )
    }

    private func forgetUnsent(_ position: AlertPosition, _ connection: PostgresConnection) async throws {
        _ = try await connection.query(
            sql("UPDATE :\"schema\".alert_outbox SET relay_seq = NULL WHERE relay_seq > $1"),
            [.int8(position.delivered)],
        )
    }

    private func number(from last: Int64, _ limit: Int, _ connection: PostgresConnection) async throws -> Int {
        try await connection.query(
            sql(
                """
                UPDATE :"schema".alert_outbox AS o SET relay_seq = new.sequence
                FROM (
                    SELECT id, $1 + row_number() OVER (ORDER BY id) AS sequence
                    FROM (
                        SELECT id FROM :"schema".alert_outbox WHERE relay_seq IS NULL ORDER BY id LIMIT $2
                    ) AS next
                ) AS new
                WHERE o.id = new.id
                """
            ),
            [.int8(last), .int8(Int64(limit))],
        ).affectedRows
    }

    private func store(_ position: AlertPosition, _ connection: PostgresConnection) async throws {
        _ = try await connection.query(
            sql("UPDATE :\"schema\".relay SET numbered = $1, delivered = $2"),
            [.int8(position.numbered), .int8(position.delivered)],
        )
    }
}
