import Activity
import Testing

@testable import Endpoint

@Suite("Connections", .timeLimit(.minutes(2)))
struct ConnectionTests {
    static let request = "GET /api/activity/ips?days=1&limit=2 HTTP/1.1\r\nHost: test\r\nX-Padding: \u{e9}\r\n\r\n"

    @Test(arguments: [request, "POST /api/cache/warm HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc"])
    func takeRequestsThatAreSplitAnywhere(_ request: String) async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                let bytes = Array(request.utf8)
                for split in 1..<bytes.count {
                    try await connection.send(bytes[..<split])
                    try await connection.send(bytes[split...])
                    #expect(try await connection.response().status == 200, "split at \(split)")
                }
                for byte in bytes { try await connection.send(CollectionOfOne(byte)) }
                #expect(try await connection.response().status == 200)
            }
        }
    }

    @Test
    func answerPipelinedRequestsInOrderWhenTheFirstIsSlow() async throws {
        let gate = Gate()
        let compute: DocumentComputation = { snapshot, key in
            gate.pass(key)
            return snapshot.compute(key)
        }
        let targets = ["dashboard?days=13", "dashboard", "nothing", "ips?days=12", "users?limit=3"]
        try await TestServer.with(compute: compute) { server in
            try await server.connect { connection in
                let requests = targets.map { "GET /api/activity/\($0) HTTP/1.1\r\nHost: test\r\n\r\n" }
                try await connection.send(requests.joined())
                await gate.waitForArrivals()
                // Others are served meanwhile.
                #expect(try await server.get("/api/activity/dashboard").status == 200)
                gate.open()
                var bodies: [[UInt8]] = []
                for _ in targets { bodies.append(try await connection.response().body) }
                #expect(bodies[0] == (try DocumentRouteTests.body(of: ActivityQuery(.dashboard(days: 13)))))
                #expect(bodies[1] == (try DocumentRouteTests.body(of: ActivityQuery(.dashboard(days: 7)))))
                #expect(String(decoding: bodies[2], as: UTF8.self).contains("about:blank"))
                let ips = ActivityQuery(.ips(days: 12), .prefix(limit: 50, minimum: 10))
                #expect(bodies[3] == (try DocumentRouteTests.body(of: ips)))
                let users = ActivityQuery(.users(days: 7), .prefix(limit: 3, minimum: 1))
                #expect(bodies[4] == (try DocumentRouteTests.body(of: users)))
            }
        }
    }

    /// Each answer once made the pipeline handler deliver the next request from within, deeper and deeper.
    ///
    /// The requests before the slow one make NIO read in larger steps, so that many are held back behind it.
    @Test
    func surviveThousandsOfRequestsBehindASlowOne() async throws {
        let gate = Gate()
        let compute: DocumentComputation = { snapshot, key in
            gate.pass(key)
            return snapshot.compute(key)
        }
        let count = 4000
        try await TestServer.with(compute: compute) { server in
            try await server.connect { connection in
                let quick = String(repeating: "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", count: count)
                let slow = "GET /api/activity/ips?days=13&limit=1 HTTP/1.1\r\nHost: a\r\n\r\n"
                try await connection.send(quick + slow + quick)
                // Who does not read these is not read from any longer.
                for _ in 1...count { #expect(try await connection.response().text == "ok") }
                await gate.waitForArrivals()
                gate.open()
                #expect(try await connection.response().status == 200)
                for _ in 1...count { #expect(try await connection.response().text == "ok") }
            }
        }
    }

    @Test(arguments: ["close", "Close", "CLOSE", "keep-alive, cLoSe", "close ", "X\r\nConnection: close"])
    func closeWhenToldSoInAnyCase(_ value: String) async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                let response = try await connection.get("/livez", "Connection: \(value)")
                #expect(response["Connection"] == "close")
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func stayOpenUntilToldOtherwise() async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                for _ in 1...3 { #expect(try await connection.get("/livez")["Connection"] == nil) }
                let last = try await connection.get("/livez", "Connection: foo, CLOSE")
                #expect(last["Connection"] == "close")
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func closeAfterHTTP10UnlessAskedToStay() async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                try await connection.send("GET /livez HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
                let first = try await connection.response()
                #expect(first.version == "HTTP/1.0")
                #expect(first["Connection"] == "keep-alive")
                try await connection.send("GET /livez HTTP/1.0\r\n\r\n")
                let second = try await connection.response()
                #expect(second.text == "ok")
                #expect(second["Connection"] == "close")
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func dropWhatComesAfterClose() async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                let close = "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                try await connection.send(close + Self.request + Self.request)
                #expect(try await connection.response().text == "ok")
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func answerClientsThatHaveClosedTheirSide() async throws {
        let gate = Gate()
        let compute: DocumentComputation = { snapshot, key in
            gate.pass(key)
            return snapshot.compute(key)
        }
        try await TestServer.with(compute: compute) { server in
            try await server.connect { connection in
                try await connection.send("GET /api/activity/ips?days=13 HTTP/1.1\r\nHost: a\r\n\r\n")
                connection.endInput()
                await gate.waitForArrivals()
                gate.open()
                let response = try await connection.response()
                #expect(response.status == 200)
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func outliveClientsThatLeaveEarly() async throws {
        let gate = Gate()
        let compute: DocumentComputation = { snapshot, key in
            gate.pass(key)
            return snapshot.compute(key)
        }
        try await TestServer.with(compute: compute) { server in
            try await server.connect { connection in
                try await connection.send("GET /api/activity/ips?days=13 HTTP/1.1\r\nHost: a\r\n\r\n")
                await gate.waitForArrivals()
            }
            gate.open()
            #expect(try await server.get("/api/activity/ips?days=13").status == 200)
        }
    }

    @Test
    func closeWhenNothingHappens() async throws {
        try await TestServer.with(configure: { $0.idleTimeout = .milliseconds(20) }) { server in
            try await server.connect { connection in
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test(arguments: ["GET /livez HTT", "POST /api/cache/warm HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"])
    func closeWhenARequestDoesNotBecomeComplete(_ part: String) async throws {
        let soon = { (configuration: inout EndpointConfiguration) in
            configuration.headDeadline = .milliseconds(20)
            configuration.bodyDeadline = .milliseconds(20)
        }
        try await TestServer.with(configure: soon) { server in
            try await server.connect { connection in
                try await connection.send(part)
                #expect(await connection.isAtEnd())
            }
        }
    }
}
