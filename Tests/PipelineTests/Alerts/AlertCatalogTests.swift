import Pipeline
import PostgresClient
import TestServers
import Testing

/// Alerts as readers of the endpoint get them.
struct AlertCatalogTests {
    @Test func showsWhatAnAlertSaysAndWhatPeopleDecided() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO activity.alert (occurrence_id, fingerprint, rule, alert_type, severity, status, starts_at,
                updated_at, suppressed_by, acknowledged_at, acknowledged_by, episode, data)
            SELECT n, n, 'r', 'R', 'low', status, timestamptz '2026-03-01T12:00Z' + n * interval '1 hour', now(),
                suppressed_by, acknowledged_at, acknowledged_by, '{}', jsonb_build_object('occurrenceId', n::text)
            FROM (VALUES
                (1, 'firing', NULL, timestamptz '2026-03-01T12:34:56.789Z', 'ann'), (2, 'resolved', NULL, NULL, NULL),
                (3, 'firing', 'silence 7', NULL, NULL), (4, 'pending', NULL, NULL, NULL)
            ) AS a (n, status, suppressed_by, acknowledged_at, acknowledged_by)
            """
        )
        let catalog = AlertCatalog(database.client, database.sql)
        func list(_ statuses: [String], _ count: Int = 10) async throws -> [JSON] {
            try await catalog.listJSON(statuses: statuses, count: count).map { try JSON(parsing: $0.utf8) }
        }
        #expect(
            try await list(["firing"]) == [
                .object(["occurrenceId": .string("3"), "suppressedBy": .string("silence 7")]),
                .object([
                    "occurrenceId": .string("1"), "acknowledgedAt": .string("2026-03-01T12:34:56.789000Z"),
                    "acknowledgedBy": .string("ann"),
                ]),
            ]
        )
        let all = try await list(["firing", "pending", "resolved"], 3)
        #expect(all.map { $0["occurrenceId"] } == [.string("4"), .string("3"), .string("2")])
        #expect(try await list([]).isEmpty)
    }
}
