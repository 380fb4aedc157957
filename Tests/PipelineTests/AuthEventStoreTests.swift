import Activity
import Detection
import Pipeline
import PostgresClient
import Testing

struct AuthEventStoreTests {
    private static let moment = Timestamp(seconds: 1_795_594_320)

    private static func event(
        _ id: String? = nil,
        _ outcome: AuthEvent.Outcome = .failure,
        user: String? = nil,
        email: String? = nil,
        ip: String = "192.0.2.1",
    ) -> AuthEvent {
        AuthEvent(clientID: id, at: moment, outcome: outcome, user: user, email: email, ip: ip, userAgent: "a\"b\\,{}")
    }

    private func add(_ events: [AuthEvent], _ database: ActivityDatabase) async throws -> StoredAuthEvents {
        try await database.client.withConnection { try await AuthEventStore(database.sql).add(events, $0) }
    }

    private func take(_ database: ActivityDatabase) async throws -> [ActivityEvent] {
        try await database.client.withConnection { connection in
            try await connection.transaction { try await AuthEventStore(database.sql).takeNew($0) }
        }
    }

    @Test func storesAnEventOnceHoweverOftenItIsSent() async throws {
        let database = try await ActivityDatabase()
        let batch = [Self.event("a"), Self.event("b"), Self.event("a"), Self.event(), Self.event()]
        #expect(try await add(batch, database) == StoredAuthEvents(accepted: 4, duplicates: 1))
        #expect(try await add(batch, database) == StoredAuthEvents(accepted: 2, duplicates: 3))
        #expect(try await database.number("SELECT count(*) FROM activity.auth_event") == 6)
    }

    @Test func keepsWhatWasReported() async throws {
        let database = try await ActivityDatabase()
        _ = try await add([Self.event("a", .success, user: "u", email: "E", ip: "x"), Self.event()], database)
        let columns =
            "client_id, \"timestamp\" AT TIME ZONE 'UTC', outcome, \"user\", email, ip, user_agent, is_detected"
        #expect(
            try await database.lines(columns, from: "activity.auth_event ORDER BY id") == [
                "a 2026-11-25 08:12:00 success u E x a\"b\\,{} f", "2026-11-25 08:12:00 failure 192.0.2.1 a\"b\\,{} f",
            ]
        )
    }

    @Test func handsOverEachEventOnceAsDetectorsWantIt() async throws {
        let database = try await ActivityDatabase()
        let user = "6B1C6DD4-3C2F-4B6E-9A55-0D9F6F1F7A10"
        _ = try await add(
            [Self.event(user: user, email: "Ann@Example.com"), Self.event(email: "Ann@Example.com"), Self.event()],
            database,
        )
        _ = try await add([Self.event("a", .success, user: user)], database)
        let events = try await take(database)
        #expect(events.map(\.user) == [user.lowercased(), "ann@example.com", nil, user.lowercased()])
        #expect(events.map(\.action) == ["login_failed", "login_failed", "login_failed", "login"])
        #expect(events.map(\.item) == [user.lowercased(), nil, nil, user.lowercased()])
        #expect(events.allSatisfy { $0.collection == "directus_users" && $0.at == Self.moment && $0.ip == "192.0.2.1" })
        #expect(
            events.map(\.id) == events.map(\.id).sorted(by: >),
            "a minus tells them from rows of directus_activity",
        )
        #expect(events.allSatisfy { $0.id < 0 })
        #expect(try await take(database).isEmpty)
    }

    @Test func handsOverAgainWhatWasRolledBack() async throws {
        struct Failure: Error {}
        let database = try await ActivityDatabase()
        _ = try await add([Self.event()], database)
        await #expect(throws: (any Error).self) {
            try await database.client.withConnection { connection in
                try await connection.transaction { connection in
                    #expect(try await AuthEventStore(database.sql).takeNew(connection).count == 1)
                    throw Failure()
                }
            }
        }
        #expect(try await take(database).count == 1)
    }

    @Test func handsOverOneBatchAtATimeInOrder() async throws {
        let database = try await ActivityDatabase()
        for batch in 0..<11 {
            _ = try await add((0..<1000).map { Self.event(ip: "\(batch * 1000 + $0)") }, database)
        }
        #expect(try await take(database).map(\.ip) == (0..<10_000).map(String.init))
        #expect(try await take(database).map(\.ip) == (10_000..<11_000).map(String.init))
    }
}
