import Activity
import Synchronization
import Testing

@testable import Endpoint

@Suite("Reporting sign-ins", .timeLimit(.minutes(1)))
struct AuthEventRouteTests {
    static let minimal = #"{"ip":"192.0.2.1","outcome":"failure"}"#

    /// What was stored, and a limit on it.
    final class Store: Sendable {
        private let events = Mutex<[AuthEvent]>([])

        var all: [AuthEvent] { events.withLock(\.self) }

        /// Every event with a name counts as known.
        var actions: EndpointActions {
            .storing { events in
                self.events.withLock { $0 += events }
                let duplicates = events.count { $0.clientID != nil }
                return StoredAuthEvents(accepted: events.count - duplicates, duplicates: duplicates)
            }
        }
    }

    static func post(_ server: TestServer, _ body: String, _ fields: [String]? = nil) async throws -> TestResponse {
        try await server.connect { try await post(&$0, body, fields) }
    }

    static func post(
        _ connection: inout TestConnection,
        _ body: String,
        _ fields: [String]? = nil,
    ) async throws -> TestResponse {
        let lines =
            ["POST /api/activity/auth-events HTTP/1.1", "Host: test", "Content-Length: \(body.utf8.count)"]
            + (fields ?? ["Content-Type: application/json"])
        try await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        return try await connection.response(to: "POST")
    }

    @Test
    func anObjectIsAnEvent() async throws {
        let store = Store()
        let body = """
            {"id": "7f", "user": "6b1c6dd4-3c2f-4b6e-9a55-0d9f6f1f7a10", "email": "Ann@Example.com", "ip": "2001:db8::1",
             "userAgent": "curl/8", "outcome": "success", "time": "2026-10-23T23:30:00.250+00:00"}
            """
        try await TestServer.with(actions: store.actions) { server in
            let response = try await Self.post(server, body, ["Content-Type: Application/JSON; charset=utf-8"])
            #expect(response.status == 202)
            #expect(response["Content-Type"] == "application/json; charset=utf-8")
            #expect(response.text == #"{"success":true,"accepted":0,"duplicates":1}"#)
        }
        #expect(
            store.all == [
                AuthEvent(
                    clientID: "7f",
                    at: try #require(Timestamp(rfc3339: "2026-10-23T23:30:00.25Z")),
                    outcome: .success,
                    user: "6b1c6dd4-3c2f-4b6e-9a55-0d9f6f1f7a10",
                    email: "Ann@Example.com",
                    ip: "2001:db8::1",
                    userAgent: "curl/8",
                )
            ]
        )
    }

    @Test
    func whatIsMissingOrNullIsNotThere() async throws {
        let store = Store()
        try await TestServer.with(actions: store.actions) { server in
            let body =
                #"{"id":null,"user":null,"email":null,"userAgent":null,"time":null,"ip":"::1","outcome":"failure"}"#
            for body in [body, Self.minimal.replacing("192.0.2.1", with: "::1")] {
                let response = try await Self.post(server, body)
                #expect(response.status == 202)
            }
            let event = AuthEvent(at: server.clock.now, outcome: .failure, ip: "::1")
            #expect(store.all == [event, event])
        }
    }

    @Test
    func anArrayIsABatchInItsOrder() async throws {
        let store = Store()
        try await TestServer.with(actions: store.actions) { server in
            let events = (0..<1000).map { #"{"ip":"10.0.\#($0 / 256).\#($0 % 256)","outcome":"failure"}"# }
            let response = try await Self.post(server, " [" + events.joined(separator: ",") + "]")
            #expect(response.status == 202)
            #expect(response.text == #"{"success":true,"accepted":1000,"duplicates":0}"#)
        }
        #expect(store.all.map(\.ip) == (0..<1000).map { "10.0.\($0 / 256).\($0 % 256)" })
    }

    @Test
    func aUserAgentIsCutAndCleanedSinceAnAttackerChoosesIt() async throws {
        let store = Store()
        let agent = "a\\tb\\u0000c" + String(repeating: "é", count: 2000)
        try await TestServer.with(actions: store.actions) { server in
            let response = try await Self.post(server, #"{"ip":"::1","outcome":"failure","userAgent":"\#(agent)"}"#)
            #expect(response.status == 202)
        }
        #expect(store.all.map(\.userAgent) == ["a b c" + String(repeating: "é", count: 1019)])
    }

    @Test(arguments: [
        ("2001:DB8:0::0:1", "2001:db8::1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"),
    ])
    func anotherSpellingOfAnAddressIsTheSameAddress(_ sent: String, stored: String) async throws {
        let store = Store()
        try await TestServer.with(actions: store.actions) { server in
            let response = try await Self.post(server, Self.minimal.replacing("192.0.2.1", with: sent))
            #expect(response.status == 202)
        }
        #expect(store.all.map(\.ip) == [stored])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let body: String
        let detail: String

        init(_ body: String, _ detail: String) {
            self.body = body
            self.detail = detail
        }

        var testDescription: String { String(body.prefix(60)) }
    }

    static func event(_ members: String) -> String { "{\(members)," + minimal.dropFirst() }

    @Test(arguments: [
        Refusal("", "the body is missing"),
        Refusal("user=a&ip=b", "the body is not JSON"),
        Refusal("{\"ip\":\"a\"", "the body is not JSON"),
        Refusal("7", "the body is neither an object nor an array"),
        Refusal("null", "the body is neither an object nor an array"),
        Refusal("[]", "the body is an array of 0 events"),
        Refusal("[{}\(String(repeating: ",{}", count: 1000))]", "the body is an array of 1001 events"),
        Refusal("[\(minimal),7]", "the body has something else than an object at 1"),
        Refusal("[\(minimal),\(minimal),null]", "the body has something else than an object at 2"),
        Refusal("[[\(minimal)]]", "the body has something else than an object at 0"),
        Refusal(#"{"outcome":"failure"}"#, #"member "ip" is missing; accepted: an IPv4 or IPv6 address"#),
        Refusal(#"{"ip":"::1"}"#, #"member "outcome" is missing; accepted: "failure" or "success""#),
        Refusal(
            #"{"ip":"::1","outcome":"failed"}"#,
            #"member "outcome" has the value "failed"; accepted: "failure" or "success""#,
        ),
        Refusal(#"{"ip":7,"outcome":"failure"}"#, #"member "ip" is no text; accepted: an IPv4 or IPv6 address"#),
        Refusal(#"{"ip":["a"],"outcome":"failure"}"#, #"member "ip" is no text"#),
        Refusal(#"{"ip":"","outcome":"failure"}"#, #"member "ip" has the value """#),
        Refusal(
            #"{"ip":"\#(MalformedRequestTests.fill(51))","outcome":"failure"}"#,
            #"member "ip" has the value "aaa"#,
        ),
        Refusal(#"{"ip":"::1\u0000","outcome":"failure"}"#, #"member "ip" has the value"#),
        Refusal(
            #"{"ip":"999.1.1.1","outcome":"failure"}"#,
            #"member "ip" has the value "999.1.1.1"; accepted: an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1"#,
        ),
        Refusal(#"{"ip":"192.0.2.1:80","outcome":"failure"}"#, #"member "ip" has the value "192.0.2.1:80""#),
        Refusal(event(#""user":"a\nb""#), #"member "user" has the value"#),
        Refusal(event(#""user":"\#(MalformedRequestTests.fill(256))""#), "accepted: a text of 1 to 255 characters"),
        Refusal(event(#""email":"""#), #"member "email" has the value """#),
        Refusal(event(#""id":"\#(MalformedRequestTests.fill(129))""#), "accepted: a text of 1 to 128 characters"),
        Refusal(event(#""time":"yesterday""#), #"member "time" has the value "yesterday"; accepted: RFC 3339"#),
        Refusal(event(#""time":"2026-10-25T00:30:12.000001Z""#), "at most one day ahead"),
        Refusal(event(#""time":"2026-09-24T00:30:11Z""#), "at most 30 days ago"),
        Refusal(event(#""time":1795594320"#), #"member "time" is no text"#),
        Refusal(
            event(#""password":"x""#),
            #"member "password" is unknown; accepted: id, time, outcome, user, email, "#,
        ),
        Refusal("[\(minimal),\(minimal),{}]", "event 2: member \"outcome\" is missing"),
        Refusal("[\(event(#""user":7"#)),{}]", "event 0: member \"user\" is no text"),
    ])
    func aBodyThatIsNotAllRightIsRefusedWhole(_ example: Refusal) async throws {
        let store = Store()
        let response = try await TestServer.with(actions: store.actions) { try await Self.post($0, example.body) }
        #expect(response.status == 400)
        let detail = try #require(response.json["detail"] as? String)
        #expect(detail.contains(example.detail), "\(detail)")
        #expect(store.all.isEmpty)
    }

    @Test
    func theEdgesOfTimeAreAccepted() async throws {
        try await TestServer.with { server in
            for time in ["2026-10-25T00:30:12Z", "2026-09-24T00:30:12Z"] {
                let response = try await Self.post(server, Self.event(#""time":"\#(time)""#))
                #expect(response.status == 202)
            }
        }
    }

    @Test(arguments: [
        ([], "a missing Content-Type is refused; accepted: Content-Type: application/json"),
        (
            ["Content-Type: application/x-www-form-urlencoded"],
            "Content-Type \"application/x-www-form-urlencoded\" is refused; accepted: Content-Type: application/json",
        ),
        (["Content-Type: application/json-seq"], "Content-Type \"application/json-seq\" is refused"),
        (["Content-Type: application/json", "Content-Type: text/plain"], "application/json, text/plain"),
        (["Content-Type: application/json", "Content-Encoding: gzip"], "Content-Encoding \"gzip\" is refused"),
    ])
    func otherMediaTypesAreRefused(_ fields: [String], detail: String) async throws {
        let response = try await TestServer.with { try await Self.post($0, Self.minimal, fields) }
        #expect(response.status == 415)
        #expect(try #require(response.json["detail"] as? String).contains(detail))
    }
}
