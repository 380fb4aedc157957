import Activity
import Testing

@testable import Endpoint

@Suite("Bodies of requests", .timeLimit(.minutes(1)))
struct RequestBodyTests {
    private static let post =
        "POST /api/activity/auth-events HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"

    /// A body of so many bytes that is accepted.
    private static func body(_ count: Int) -> String {
        let event = AuthEventRouteTests.minimal
        return event + String(repeating: " ", count: count - event.utf8.count)
    }

    @Test
    func aBodyMayHave64KiB() async throws {
        try await TestServer.with { server in
            #expect(try await AuthEventRouteTests.post(server, Self.body(65_536)).status == 202)
            try await server.connect { connection in
                try await connection.send(Self.post + "Content-Length: 65537\r\n\r\n")
                let response = try await connection.response()
                #expect(response.status == 413)
                #expect(response.text.contains("at most 65536 bytes"))
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func chunksAreOneBody() async throws {
        let store = AuthEventRouteTests.Store()
        try await TestServer.with(actions: store.actions) { server in
            try await server.connect { connection in
                let chunks = AuthEventRouteTests.minimal.map { "1\r\n\($0)\r\n" }.joined()
                try await connection.send(Self.post + "Transfer-Encoding: chunked\r\n\r\n\(chunks)0\r\n\r\n")
                #expect(try await connection.response().status == 202)
                let large = "8001\r\n\(Self.body(32_769))\r\n"
                try await connection.send(Self.post + "Transfer-Encoding: chunked\r\n\r\n\(large)\(large)")
                #expect(try await connection.response().status == 413)
                #expect(await connection.isAtEnd())
            }
        }
        #expect(store.all.count == 1)
    }

    @Test
    func pipelinedBodiesStayApart() async throws {
        let store = AuthEventRouteTests.Store()
        try await TestServer.with(actions: store.actions) { server in
            try await server.connect { connection in
                let requests = (10..<60).map { number in
                    let body = #"{"ip":"192.0.2.\#(number)","outcome":"failure"}"#
                    return Self.post
                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
                }
                try await connection.send(requests.joined())
                for _ in requests {
                    #expect(try await connection.response().status == 202)
                    #expect(try await connection.response().text == "ok")
                }
            }
        }
        #expect(store.all.map(\.ip) == (10..<60).map { "192.0.2.\($0)" })
    }

    @Test
    func whoAsksFirstIsToldToContinueOrRefused() async throws {
        let tokens = Tokens()
        try await TestServer.with(access: tokens.access) { server in
            let length = "Expect: 100-continue\r\nContent-Length: \(AuthEventRouteTests.minimal.utf8.count)\r\n"
            try await server.connect { connection in
                try await connection.send(Self.post + length + "Authorization: Bearer \(tokens.reporter.text)\r\n\r\n")
                #expect(try await connection.response().status == 100)
                try await connection.send(AuthEventRouteTests.minimal)
                #expect(try await connection.response().status == 202)
                try await connection.send(Self.post + length + "Authorization: Bearer \(tokens.reader.text)\r\n\r\n")
                #expect(try await connection.response().status == 403)
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func nothingIsReadOfWhoHasNoToken() async throws {
        try await TestServer.with(access: Tokens().access) { server in
            try await server.connect { connection in
                try await connection.send(Self.post + "Content-Length: 60000\r\n\r\n")
                #expect(try await connection.response().status == 401)
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func aBodyMustArriveInItsTime() async throws {
        try await TestServer.with(configure: { $0.bodyDeadline = .milliseconds(50) }) { server in
            try await server.connect { connection in
                try await connection.send(Self.post + "Content-Length: 100\r\n\r\n{")
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func eightRequestsMayStoreAtATime() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let (permits, permit) = AsyncStream.makeStream(of: Void.self)
        let actions = EndpointActions.storing { events in
            arrived.yield()
            for await _ in permits { break }
            return StoredAuthEvents(accepted: events.count, duplicates: 0)
        }
        try await TestServer.with(actions: actions) { server in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 1...8 {
                    group.addTask { try await AuthEventRouteTests.post(server, AuthEventRouteTests.minimal).status }
                }
                var arrival = arrivals.makeAsyncIterator()
                for _ in 1...8 { await arrival.next() }
                let refused = try await AuthEventRouteTests.post(server, AuthEventRouteTests.minimal)
                #expect(refused.status == 503)
                #expect(refused["Retry-After"] == "1")
                permit.finish()
                for try await status in group { #expect(status == 202) }
            }
            #expect(try await AuthEventRouteTests.post(server, AuthEventRouteTests.minimal).status == 202)
        }
    }

    @Test
    func aStoreThatFailsSaysToSendAgain() async throws {
        struct Broken: Error, CustomStringConvertible {
            var description: String { "password=secret" }
        }
        try await TestServer.with(actions: .storing { _ in throw Broken() }) { server in
            for _ in 1...20 {
                let response = try await AuthEventRouteTests.post(server, AuthEventRouteTests.minimal)
                #expect(response.status == 503)
                #expect(response["Retry-After"] == "5")
                #expect(response.text.contains("send them again") && !response.text.contains("secret"))
            }
            #expect(server.seen.last?.failure is Broken)
        }
    }
}
