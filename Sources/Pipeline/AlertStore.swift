package import Activity
package import ActivitySQL
package import Detection
import FoundationEssentials
package import PostgresClient

/// The tables of alerts: what is open, what people decided, and what is to be published.
///
/// Every call belongs to the transaction of its caller.
package struct AlertStore: Sendable {
    private let sql: ActivitySQL

    /// A store in the schema that `sql` names.
    package init(_ sql: ActivitySQL) {
        self.sql = sql
    }

    /// Who publishes: the `source` of all events.
    package var source: String { "/activityd/\(sql.schema)" }

    /// The episodes of some rules that are not over.
    ///
    /// - Parameters:
    ///   - connection: in the caller's transaction.
    ///   - operational: whether of the rules about the daemon itself, or of all others.
    /// - Returns: the episodes, the first begun first.
    /// - Throws: `PostgresError`.
    package func openEpisodes(_ connection: PostgresConnection, operational: Bool) async throws -> [AlertEpisode] {
        let rows = try await connection.query(
            sql(
                """
                SELECT occurrence_id, episode::text FROM :"schema".alert
                WHERE status <> 'resolved' AND (rule = ANY ($1)) = $2 ORDER BY starts_at
                """
            ),
            [.textArray(OperationalRule.allCases.map(\.rawValue)), .bool(operational)],
        ).map { try ($0.value(0, as: String.self), $0.value(1, as: String.self)) }
        let decoder = JSONDecoder()
        let episodes = rows.map { ($0.0, try? decoder.decode(AlertEpisode.self, from: Data($0.1.utf8))) }
        try await close(episodes.filter { $0.1 == nil }.map(\.0), connection)
        return episodes.compactMap(\.1)
    }

    /// Ends alerts that another version wrote in a way that cannot be read: they would be in the way of new ones.
    private func close(_ occurrences: [String], _ connection: PostgresConnection) async throws {
        guard !occurrences.isEmpty else { return }
        _ = try await connection.query(
            sql(
                """
                UPDATE :"schema".alert SET status = 'resolved', ends_at = updated_at WHERE occurrence_id = ANY ($1)
                """
            ),
            [.textArray(occurrences)],
        )
    }

    /// What people have decided, as it is now.
    ///
    /// - Throws: `PostgresError`.
    package func decisions(_ connection: PostgresConnection) async throws -> AlertDecisions {
        let silences = try await connection.query(
            sql(
                """
                SELECT id, rule, fingerprint, address::text, user_id, expires_at, comment FROM :"schema".alert_silence
                WHERE expires_at > now() ORDER BY id
                """
            )
        )
        let acknowledged = try await connection.query(
            sql(
                """
                SELECT occurrence_id FROM :"schema".alert
                WHERE status <> 'resolved' AND acknowledged_at IS NOT NULL
                """
            )
        )
        return AlertDecisions(
            silences: try silences.map { row in
                Silence(
                    id: try row.value(0),
                    rule: try row.value(1),
                    fingerprint: try row.value(2),
                    network: try row.value(3, as: String?.self).flatMap(Network.init),
                    userId: try row.value(4),
                    expiresAt: try row.timestamp(5),
                    comment: try row.value(6),
                )
            },
            acknowledged: Set(try acknowledged.map { try $0.value(0) }),
        )
    }

    /// Writes changes and the events that follow from them.
    ///
    /// - Parameters:
    ///   - changes: in order; several of one episode are fine.
    ///   - now: the time of the events.
    ///   - connection: in the caller's transaction.
    /// - Throws: `PostgresError`.
    package func record(_ changes: [AlertChange], at now: Timestamp, _ connection: PostgresConnection) async throws {
        guard !changes.isEmpty else { return }
        var newest: [String: Int] = [:]
        for (index, change) in changes.enumerated() { newest[change.episode.occurrenceID] = index }
        let rows = newest.values.sorted().map { AlertRow(changes[$0], source: source, at: now) }
        let messages = changes.filter { $0.event != nil }.map { AlertMessage($0, source: source, at: now) }
        _ = try await connection.query(
            sql.recordAlerts,
            AlertRow.parameters(rows) + [
                .textArray(messages.map(\.id)),
                .textArray(messages.map(\.occurrenceID)),
                .textArray(messages.map(\.event)),
            ],
        )
    }
}
