import Activity
import Foundation
import Testing

@testable import Endpoint

@Suite("Routes of documents", .timeLimit(.minutes(2)))
struct DocumentRouteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let target: String
        let query: ActivityQuery

        init(_ target: String, _ document: DocumentKey, _ selection: RowSelection = .all) {
            self.target = target
            query = ActivityQuery(document, selection)
        }

        var testDescription: String { target }
    }

    static let user = Fixture.users[2]

    static let cases = [
        Case("/api/activity/dashboard", .dashboard(days: 7)),
        Case("/api/activity/dashboard?days=30", .dashboard(days: 30)),
        Case("/api/activity/dashboard?days=13", .dashboard(days: 13)),
        Case("/api/activity/dashboard?", .dashboard(days: 7)),
        Case("/api/activity/dashboard?&days=1&", .dashboard(days: 1)),
        Case("/api/activity/dashboard?d%61ys=%31", .dashboard(days: 1)),
        Case("/api/%61ctivity/dashboard?days=1", .dashboard(days: 1)),
        Case("http://somewhere:80/api/activity/dashboard?days=1", .dashboard(days: 1)),
        Case("/api/activity/collections", .collections(days: 7)),
        Case("/api/activity/collections?days=366", .collections(days: 366)),
        Case("/api/activity/actions", .actions(days: 7, collection: nil)),
        Case("/api/activity/actions?days=14&collection=articles", .actions(days: 14, collection: "articles")),
        Case("/api/activity/actions?collection=nothing", .actions(days: 7, collection: "nothing")),
        Case(
            "/api/activity/actions?collection=caf%C3%A9+%22menu%22%20%26+more",
            .actions(days: 7, collection: Fixture.collections[2]),
        ),
        Case(
            "/api/activity/actions?collection=%E6%97%A5%e6%9c%ac%20%E8%AA%9E/%2B%3D%25&days=30",
            .actions(days: 30, collection: Fixture.collections[3]),
        ),
        Case("/api/activity/hourly", .hourly(action: nil), .newest(hours: 24)),
        Case("/api/activity/hourly?hours=744", .hourly(action: nil), .newest(hours: 744)),
        Case("/api/activity/hourly?hours=5&action=create", .hourly(action: "create"), .newest(hours: 5)),
        Case("/api/activity/hourly?action=never", .hourly(action: "never"), .newest(hours: 24)),
        Case("/api/activity/ips", .ips(days: 7), .prefix(limit: 50, minimum: 10)),
        Case("/api/activity/ips?days=1&minActivity=9&limit=3", .ips(days: 1), .prefix(limit: 3, minimum: 9)),
        Case("/api/activity/ips?minActivity=9223372036854775807", .ips(days: 7), .prefix(limit: 50, minimum: .max)),
        Case("/api/activity/users", .users(days: 7), .prefix(limit: 50, minimum: 1)),
        Case("/api/activity/users?limit=1000&days=90", .users(days: 90), .prefix(limit: 1000, minimum: 1)),
        Case("/api/activity/users/\(user)", .user(id: user, days: 30)),
        Case("/api/activity/users/\(user)?days=3", .user(id: user, days: 3)),
        Case("/api/activity/users/00000000-0000-4000-8000-00000000000%33", .user(id: user, days: 30)),
        Case("/api/activity/security/alerts", .alerts(hours: 1), .prefix(limit: .max, minimum: 100)),
        Case(
            "/api/activity/security/alerts?hours=6&threshold=1",
            .alerts(hours: 6),
            .prefix(limit: .max, minimum: 1),
        ),
        Case(
            "/api/activity/security/alerts?hours=48&threshold=1",
            .alerts(hours: 48),
            .prefix(limit: .max, minimum: 1),
        ),
    ]

    static func body(of query: ActivityQuery, in snapshot: Snapshot = Fixture.snapshot) throws -> [UInt8] {
        let document = try #require(snapshot.documents[query.document] ?? snapshot.compute(query.document))
        return document.body(query.selection)
    }

    @Test(arguments: cases)
    func servesTheBodyOfTheDocument(_ example: Case) async throws {
        let expected = try Self.body(of: example.query)
        let (first, second) = try await TestServer.with { server in
            (try await server.get(example.target), try await server.get(example.target))
        }
        for response in [first, second] {
            #expect(response.status == 200)
            #expect(response.body == expected)
            #expect(response["Content-Type"] == "application/json; charset=utf-8")
            #expect(response["Content-Length"] == String(expected.count))
            #expect(response["Content-Encoding"] == nil)
            #expect(response["Vary"] == "Accept-Encoding")
        }
    }

    @Test(arguments: cases)
    func answersHeadWithTheSameFieldsAndNoBody(_ example: Case) async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                let get = try await connection.get(example.target)
                let head = try await connection.get(example.target, method: "HEAD")
                #expect(head.status == 200)
                #expect(Self.comparable(head) == Self.comparable(get))
                // The next response begins where this one ended: no body was sent.
                #expect(try await connection.get("/livez").text == "ok")
            }
        }
    }

    private static func comparable(_ response: TestResponse) -> [String] {
        response.fields.filter { $0.name != "X-Request-Id" }.map { "\($0.name): \($0.value)" }
    }

    @Test(arguments: [("upper case", Fixture.unknownUser.uppercased()), ("lower case", Fixture.unknownUser)])
    func answersUnknownUsersWith404(_ name: String, id: String) async throws {
        try await TestServer.with { server in
            for _ in 1...2 {
                let response = try await server.get("/api/activity/users/\(id)")
                #expect(response.status == 404)
                #expect(response["Content-Type"] == "application/problem+json")
                #expect(
                    try response.json["error"] as? String
                        == "no activity of user \"\(Fixture.unknownUser)\" was ever seen"
                )
            }
        }
    }

    @Test
    func acceptsUsersInUpperCase() async throws {
        let snapshot = Fixture.snapshot
        let upperCase = "/api/activity/users/\(Fixture.users[0].uppercased())"
        let response = try await TestServer.with(snapshot) { try await $0.get(upperCase) }
        #expect(response.body == (try Self.body(of: ActivityQuery(.user(id: Fixture.users[0], days: 30)))))
    }

    @Test
    func saysHowOldAnAnswerIs() async throws {
        try await TestServer.with(configure: { $0.refreshInterval = .seconds(60) }) { server in
            let fresh = try await server.get("/api/activity/dashboard")
            #expect(fresh["Age"] == "12")
            #expect(fresh["Last-Modified"] == "Sat, 24 Oct 2026 00:30:00 GMT")
            #expect(fresh["X-Activity-Stale"] == nil)
            #expect(
                fresh["Cache-Control"] == "public, max-age=60, stale-while-revalidate=60, stale-if-error=86400"
            )
            server.clock.set(Fixture.computedAt.advanced(seconds: 181))
            #expect(try await server.get("/api/activity/dashboard")["X-Activity-Stale"] == "1")
            server.clock.set(Fixture.computedAt.advanced(seconds: -5))
            #expect(try await server.get("/api/activity/dashboard")["Age"] == "0")
        }
    }

    @Test
    func tellsWhatWasServed() async throws {
        let seen = try await TestServer.with { server in
            _ = try await server.get("/api/activity/users/\(Self.user)?days=3")
            _ = try await server.get("/api/activity/dashboard")
            _ = try await server.get("/nothing", method: "POST")
            return server.seen
        }
        #expect(seen.map(\.route) == ["/api/activity/users/:userId", "/api/activity/dashboard", nil])
        #expect(seen.map(\.method) == ["GET", "GET", "POST"])
        #expect(seen.map(\.status) == [200, 200, 404])
        #expect(seen.map(\.cache) == [.miss, .hit, nil])
        #expect(seen[1].bytes == (try Self.body(of: ActivityQuery(.dashboard(days: 7))).count))
        #expect(Set(seen.map(\.requestID)).count == 3)
    }
}
