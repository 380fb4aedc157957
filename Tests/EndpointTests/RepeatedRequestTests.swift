import Activity
import NIOCore
import NIOHTTP1
import Testing

@testable import Endpoint

/// Requests that come again, byte for byte, on real connections.
@Suite("Repeated requests", .timeLimit(.minutes(1)))
struct RepeatedRequestTests {
    private static let target = "/api/activity/ips?days=7"

    /// What of a response has to be the same each time.
    private static func lasting(_ response: TestResponse) -> [String] {
        ["\(response.version) \(response.status)"]
            + response.fields.filter { $0.name != "X-Request-Id" }.map { "\($0.name): \($0.value)" }
            + [response.text]
    }

    @Test(arguments: [
        ("GET", "HTTP/1.1", "", 200), ("HEAD", "HTTP/1.1", "", 200),
        ("GET", "HTTP/1.0", "Connection: keep-alive", 200),
        ("GET", "HTTP/1.1", "If-None-Match: *", 304), ("GET", "HTTP/1.1", "Accept-Encoding: gzip", 200),
        ("GET", "HTTP/1.1", "Authorization: Bearer x", 200),
    ])
    func areAnsweredAlike(_ method: String, _ version: String, _ field: String, _ status: Int) async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                let lines = ["\(method) \(Self.target) \(version)", "Host: test"] + (field.isEmpty ? [] : [field])
                var responses: [TestResponse] = []
                for _ in 0..<5 {
                    try await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
                    responses.append(try await connection.response(to: method))
                }
                #expect(responses[0].status == status)
                #expect(Set(responses.map(Self.lasting)).count == 1)
                #expect(Set(responses.map { $0["X-Request-Id"] }).count == 5)
                let seen = server.seen
                #expect(Set(seen.map(\.bytes)).count == 1)
                #expect(seen.map(\.requestID) == responses.map { $0["X-Request-Id"] ?? "" })
                #expect(seen.map(\.cache) == [.miss, .hit, .hit, .hit, .hit] || seen.allSatisfy { $0.cache == .hit })
            }
        }
    }

    @Test
    func seeTheNextGenerationAtOnce() async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                for generation in 813...820 {
                    server.snapshots.replace(with: Fixture.snapshot(generation: Int64(generation)))
                    for _ in 0..<4 {
                        let response = try await connection.get(Self.target)
                        let meta = try #require(try response.json["meta"] as? [String: Any])
                        #expect(meta["generation"] as? Int == generation)
                    }
                }
            }
        }
    }

    @Test
    func growOldBySeconds() async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                for age in [0, 59, 179, 180, 181, 3600] {
                    server.clock.set(Fixture.computedAt.advanced(seconds: Int64(age)))
                    let response = try await connection.get(Self.target)
                    #expect(response["Age"] == "\(age)")
                    #expect(response["X-Activity-Stale"] == (age > 180 ? "1" : nil))
                    #expect(response["Date"] == HTTPDate.text(of: server.clock.now))
                }
            }
        }
    }

    @Test
    func areRefusedOnceTheirTokenIsGone() async throws {
        let tokens = Tokens()
        let access = tokens.access
        try await TestServer.with(access: access) { server in
            try await server.connect { connection in
                let bearer = "Authorization: Bearer \(tokens.reader.text)"
                var statuses: [Int] = []
                for _ in 0..<4 { statuses.append(try await connection.get(Self.target, bearer).status) }
                access.replace(with: [tokens.admin.grant([.admin])])
                statuses.append(try await connection.get(Self.target, bearer).status)
                #expect(statuses == [200, 200, 200, 200, 401])
            }
        }
    }

    @Test
    func areCountedWhereThereIsALimit() async throws {
        let rules = AccessRules.with { $0.requestsPerMinute.read = 5 }
        try await TestServer.with(configure: { $0.rules = rules }) { server in
            try await server.connect { connection in
                var statuses: [Int] = []
                for _ in 0..<7 { statuses.append(try await connection.get(Self.target).status) }
                #expect(statuses == [200, 200, 200, 200, 200, 429, 429])
            }
        }
    }

    /// The bytes of a known request are no request where they are the rest of another one, or its body.
    @Test(arguments: [
        "POST /api/activity/auth-events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Content-Length: 200\r\n\r\n",
        "GET /livez HTTP/1.1\r\nX-Field: ",
        "GET /livez HTTP/1.1\r\n",
        "POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    ])
    func areNothingInsideOthers(_ beginning: String) async throws {
        let request = "GET \(Self.target) HTTP/1.1\r\nHost: test\r\n\r\n"
        try await TestServer.with { server in
            try await server.connect { connection in
                for _ in 0..<3 {
                    try await connection.send(request)
                    let known = try await connection.response()
                    #expect(known.status == 200)
                }
                let before = server.seen.count
                // Each in a segment of its own: the first one is answered when the second is sent.
                try await connection.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n" + beginning)
                let other = try await connection.response()
                #expect(other.text == "ok")
                try await connection.send(request)
                connection.endInput()
                while (try? await connection.response()) != nil {}
                let routes = server.seen.dropFirst(before).compactMap(\.route)
                #expect(!routes.contains(Route.ips.rawValue))
            }
        }
    }

    /// Most of a large answer waits for the client, and what is asked for meanwhile waits behind it.
    @Test
    func waitForClientsThatReadLater() async throws {
        let targets = ["/api/activity/collections", "/livez"]
        try await TestServer.with(Fixture.snapshot(withDocumentsOf: 6 << 20)) { server in
            try await server.connect { connection in
                var bodies: [[UInt8]] = []
                for target in targets + targets + targets { bodies.append(try await connection.get(target).body) }
                #expect(bodies[0].count >= 6 << 20)
                for target in targets + targets {
                    try await connection.send("GET \(target) HTTP/1.1\r\nHost: test\r\n\r\n")
                }
                for body in bodies[..<4] { #expect(try await connection.response().body == body) }
            }
        }
    }

    /// A request that fills the first buffer of its connection lets NIO read what follows before answers are sent, unless
    /// it may read only once in a turn of its loop.
    @Test
    func areAnsweredBeforeWhatFollows() async throws {
        let lines = "GET \(Self.target) HTTP/1.1\r\nHost: test\r\nX-Filling: "
        let request = lines + String(repeating: "x", count: 2048 - 4 - lines.utf8.count) + "\r\n\r\n"
        try await TestServer.with { server in
            for round in 0..<20 {
                try await server.connect { connection in
                    try await connection.send(request + "GET /livez HTTP/1.1\r\nHost: \(round)\r\n\r\n")
                    #expect(try await connection.response().body.count > 2)
                    #expect(try await connection.response().text == "ok")
                }
            }
        }
    }

    @Test
    func letTheConnectionBeClosed() async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                for _ in 0..<3 { _ = try await connection.get(Self.target) }
                let last = try await connection.get(Self.target, "Connection: close")
                #expect(last.status == 200)
                #expect(await connection.isAtEnd())
            }
        }
    }
}

/// The table itself.
@Suite("Table of repeated requests")
struct RepeatedRequestsTests {
    private let snapshots = SnapshotStore()
    private let access = AccessControl()
    private let table = RepeatedRequests()
    private let peer = ClientAddress("192.0.2.1")

    private var basis: AnswerBasis { AnswerBasis(snapshots, access) }

    /// Asks twice, and has the answer remembered.
    private func remember(_ text: String, bytes: Int) {
        let request = ByteBuffer(string: text)
        for _ in 0..<2 {
            let (known, place) = table.find(request, from: peer, on: basis)
            guard known == nil, table.expect(request, at: place) else { continue }
            let response = RepeatedAnswer.Response(
                head: .init(version: .http1_1, status: .ok),
                body: ByteBuffer(repeating: 0, count: bytes),
                computedAt: nil,
                observation: RequestObservation(
                    status: 200,
                    duration: .zero,
                    bytes: bytes,
                    requestID: "",
                    client: peer,
                ),
                basis: basis,
            )
            table.remember(RepeatedAnswer(to: request, from: peer, response), at: place, on: basis)
        }
    }

    private func isKnown(_ text: String, from peer: ClientAddress) -> Bool {
        table.find(ByteBuffer(string: text), from: peer, on: basis).0 != nil
    }

    @Test func tellsWhoAskedAndWhat() {
        remember("a", bytes: 1)
        #expect(isKnown("a", from: peer))
        #expect(!isKnown("b", from: peer))
        #expect(!isKnown("a", from: ClientAddress("192.0.2.2")))
        #expect(!isKnown("a", from: .unixSocket))
    }

    @Test func forgetsWhenTheBasisChanges() {
        for change in [{ snapshots.replace(with: Fixture.snapshot) }, { access.replace(with: []) }] {
            remember("a", bytes: 1)
            #expect(isKnown("a", from: peer))
            change()
            #expect(!isKnown("a", from: peer))
        }
    }

    @Test func takesNoMoreMemoryThanItMay() {
        for index in 0..<5 { remember("\(index)", bytes: 10 << 20) }
        #expect((0..<5).map { isKnown("\($0)", from: peer) } == [false, false, false, true, true])
        remember("large", bytes: 33 << 20)
        #expect(!isKnown("large", from: peer))
        for index in 0..<100_000 { remember("\(index)", bytes: 0) }
        let known = (0..<100_000).count { isKnown("\($0)", from: peer) }
        #expect((1...1024).contains(known))
    }

    @Test func remembersNoLongRequest() {
        remember(String(repeating: "a", count: 2049), bytes: 1)
        #expect(!isKnown(String(repeating: "a", count: 2049), from: peer))
    }
}
