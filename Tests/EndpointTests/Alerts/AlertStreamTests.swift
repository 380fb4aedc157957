import NIOCore
import Synchronization
import Testing

@testable import Endpoint

@Suite("Streams of alerts", .timeLimit(.minutes(1)))
struct AlertStreamTests {
    /// Serves a store whose changes are found only when they are told of.
    static func with(
        _ store: AlertStore,
        configure: (inout EndpointConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestServer) async throws -> Void,
    ) async throws {
        try await TestServer.with(
            actions: store.actions,
            configure: {
                $0.alertPoll = .seconds(3600)
                $0.alertHeartbeat = .seconds(3600)
                configure(&$0)
            },
            body,
        )
    }

    static func isStream(_ request: RequestObservation) -> Bool { request.route == Route.alertStream.rawValue }

    @Test
    func beginWithWhatComesFromNowOn() async throws {
        let store = AlertStore()
        store.add(5)
        try await Self.with(store) { server in
            try await server.connect { connection in
                var (stream, head) = try await EventStream.open(connection)
                #expect(head.status == 200)
                #expect(head["Content-Type"] == "text/event-stream; charset=utf-8")
                #expect(head["Cache-Control"] == "no-store")
                #expect(head["X-Accel-Buffering"] == "no")
                #expect(head["Connection"] == "close")
                #expect(head["Content-Encoding"] == nil)
                #expect(head["Content-Length"] == nil)
                let position = try await stream.next()
                #expect(position.id == 5)
                #expect(position.data == nil)
                store.add(2)
                let alert = try await stream.nextEvent()
                #expect(alert.id == 6)
                #expect(alert.event == "alert")
                #expect(alert.data == #"{"id":"6","data":{"status":"firing"},"sequence":"6"}"#)
                #expect(try await stream.alerts(1) == [7])
            }
        }
    }

    @Test(arguments: [
        ("?after=2", []), ("", ["Last-Event-ID: 2"]), ("?after=0", ["Last-Event-ID: 2"]),
        ("?after=2", ["Last-Event-ID:"]),
    ])
    func resumeAfterWhatTheReaderHas(_ query: String, fields: [String]) async throws {
        let store = AlertStore()
        store.add(5)
        try await Self.with(store) { server in
            try await server.connect { connection in
                var (stream, _) = try await EventStream.open(connection, query, fields.first ?? "X: y")
                #expect(try await stream.alerts(3) == [3, 4, 5])
                store.add(1)
                #expect(try await stream.alerts(1) == [6])
            }
        }
    }

    @Test(arguments: ["x", "-1", "1, 2", "9223372036854775808"])
    func refuseAnIDThatIsNone(_ id: String) async throws {
        let response = try await TestServer.with {
            try await $0.get("/api/activity/alerts/stream", "Last-Event-ID: \(id)")
        }
        #expect(response.status == 400)
        #expect(response.text.contains("field Last-Event-ID has the value"))
    }

    @Test(arguments: [(900, 900, false), (999, 999, false), (1001, 1000, true), (5000, 1000, true)])
    func makeUpForABoundedNumber(_ missed: Int, sent: Int, resyncs: Bool) async throws {
        let store = AlertStore()
        store.add(missed)
        try await Self.with(store) { server in
            try await server.connect { connection in
                var (stream, _) = try await EventStream.open(connection, "?after=0")
                #expect(try await stream.alerts(sent) == Array(1...sent))
                if resyncs {
                    let resync = try await stream.nextEvent()
                    #expect(resync.event == "resync")
                    #expect(resync.id == missed)
                    #expect(resync.data == #"{"after":1000,"through":\#(missed)}"#)
                }
                store.add(1)
                #expect(try await stream.alerts(1) == [missed + 1])
            }
        }
    }

    /// With each read that a stream or the hub makes, and between them, more events are committed.
    @Test
    func meetWhatIsNewWithoutAHoleOrADouble() async throws {
        let store = AlertStore()
        store.add(200)
        let random = Mutex(SystemRandomNumberGenerator())
        store.meanwhile { store in
            let count = random.withLock { Int.random(in: 0...3, using: &$0) }
            if store.reads < 3000 { store.add(count, telling: count > 1) }
        }
        try await Self.with(store, configure: { $0.alertPoll = .milliseconds(1) }) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for start in 0..<32 {
                    group.addTask {
                        try await server.connect { connection in
                            var (stream, _) = try await EventStream.open(connection, "?after=\(start * 6)")
                            let first = start * 6 + 1
                            #expect(try await stream.alerts(600) == Array(first..<first + 600))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test
    func askTheDatabaseOnceForAll() async throws {
        let store = AlertStore()
        try await Self.with(store) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let gate = AsyncGate()
                for _ in 0..<50 {
                    group.addTask {
                        try await server.connect { connection in
                            var (stream, _) = try await EventStream.open(connection)
                            _ = try await stream.next()
                            await gate.pass()
                            #expect(try await stream.alerts(3) == [1, 2, 3])
                        }
                    }
                }
                await gate.waitForArrivals(50)
                let before = store.reads
                gate.open()
                store.add(3)
                try await group.waitForAll()
                #expect(store.reads - before <= 2)
            }
        }
    }

    @Test
    func askNothingWithoutReaders() async throws {
        let store = AlertStore()
        try await Self.with(store, configure: { $0.alertPoll = .milliseconds(1) }) { server in
            for _ in 0..<20 { _ = try await server.get("/livez") }
            #expect(store.reads == 0)
        }
    }

    @Test
    func waitForADatabaseThatIsAway() async throws {
        let store = AlertStore()
        store.add(2)
        store.isAway = true
        try await Self.with(store, configure: { $0.alertPoll = .milliseconds(1) }) { server in
            try await server.connect { connection in
                var (stream, head) = try await EventStream.open(connection, "?after=1")
                #expect(head.status == 200)
                #expect(try await stream.next().comment?.contains("database is away") == true)
                store.isAway = false
                #expect(try await stream.alerts(1) == [2])
                store.isAway = true
                store.add(3)
                store.isAway = false
                #expect(try await stream.alerts(3) == [3, 4, 5])
            }
        }
    }

    @Test
    func tellThatNumbersWentBack() async throws {
        let store = AlertStore()
        store.add(5)
        try await Self.with(store, configure: { $0.alertPoll = .milliseconds(1) }) { server in
            try await server.connect { connection in
                var (stream, _) = try await EventStream.open(connection, "?after=900")
                let resync = try await stream.nextEvent()
                #expect(resync.event == "resync")
                #expect(resync.data == #"{"after":900,"through":5}"#)
                #expect(resync.id == 5)
                store.add(1)
                #expect(try await stream.alerts(1) == [6])
            }
        }
    }

    @Test
    func carryHeartbeats() async throws {
        try await Self.with(AlertStore(), configure: { $0.alertHeartbeat = .milliseconds(5) }) { server in
            try await server.connect { connection in
                var (stream, _) = try await EventStream.open(connection)
                for _ in 0..<3 {
                    var block = try await stream.next()
                    while block.comment == nil { block = try await stream.next() }
                    #expect(block.comment == "heartbeat")
                }
            }
        }
    }

    @Test
    func areLimitedInNumber() async throws {
        try await Self.with(AlertStore(), configure: { $0.alertStreams = 2 }) { server in
            try await server.connect { first in
                _ = try await EventStream.open(first)
                try await server.connect { second in
                    _ = try await EventStream.open(second)
                    let refused = try await server.get("/api/activity/alerts/stream")
                    #expect(refused.status == 503)
                    #expect(refused["Retry-After"] == "30")
                    #expect(try await server.get("/api/activity/alerts/stream", method: "HEAD").status == 200)
                }
            }
            // Both have left, which the server notices without writing to them.
            while try await server.connect({ try await EventStream.open($0).1.status }) != 200 {}
        }
    }

    @Test
    func endWithAWordWhenTheServerDrains() async throws {
        let store = AlertStore()
        store.add(1)
        try await Self.with(store) { server in
            try await server.connect { connection in
                var (stream, _) = try await EventStream.open(connection)
                _ = try await stream.next()
                server.endpoint.drain()
                #expect(try await stream.next().comment == "the daemon is shutting down")
                #expect(await stream.isAtEnd())
            }
            let seen = try #require(server.seen.first)
            #expect(seen.route == "/api/activity/alerts/stream")
            #expect(seen.status == 200)
            #expect(seen.bytes > 40)
        }
    }

    @Test
    func areRefusedWhileDraining() async throws {
        try await Self.with(AlertStore(), configure: { $0.drainNotice = .seconds(3600) }) { server in
            server.endpoint.drain()
            let refused = try await server.get("/api/activity/alerts/stream")
            #expect(refused.status == 503)
        }
    }

    @Test
    func haveNoBodyForHEAD() async throws {
        try await Self.with(AlertStore()) { server in
            try await server.connect { connection in
                let head = try await connection.get("/api/activity/alerts/stream", method: "HEAD")
                #expect(head.status == 200)
                #expect(head["Content-Type"] == "text/event-stream; charset=utf-8")
                #expect(head["Connection"] == nil)
                #expect(try await connection.get("/livez").status == 200)
            }
        }
    }

    @Test
    func speakHTTP10() async throws {
        let store = AlertStore()
        store.add(1)
        try await Self.with(store) { server in
            try await server.connect { connection in
                var (stream, head) = try await EventStream.open(
                    connection,
                    "?after=0",
                    version: "1.0",
                    "Connection: keep-alive",
                )
                #expect(head.version == "HTTP/1.0")
                #expect(head["Transfer-Encoding"] == nil)
                #expect(head["Connection"] == "close")
                #expect(try await stream.alerts(1) == [1])
            }
        }
    }

    @Test
    func haveTheConnectionToThemselves() async throws {
        let store = AlertStore()
        store.add(1)
        try await Self.with(store) { server in
            try await server.connect { connection in
                try await connection.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
                let get = "GET /api/activity/alerts/stream?after=0 HTTP/1.1\r\nHost: a\r\n\r\n"
                try await connection.send(get + "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await connection.response().text == "ok")
                #expect(try await connection.response().status == 200)
                #expect(try await connection.text(upTo: "\n\n").hasPrefix("retry"))
                #expect(try await connection.text(upTo: "\n\n").hasPrefix("id: 1\n"))
                server.endpoint.drain()
                #expect(try await connection.text(upTo: "\n\n").hasPrefix(": the daemon"))
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func wantATokenThatMayRead() async throws {
        let tokens = Tokens()
        let path = "/api/activity/alerts/stream"
        try await TestServer.with(access: tokens.access) { server in
            #expect(try await server.get(path).status == 401)
            #expect(try await server.get(path, "Authorization: Bearer \(tokens.reporter.text)").status == 403)
            let status = try await server.connect { connection in
                try await EventStream.open(connection, "", "Authorization: Bearer \(tokens.reader.text)").1.status
            }
            #expect(status == 200)
        }
    }

    /// Reads nothing: what was written and not taken stays below a bound, and the connection is given up.
    @Test
    func giveUpAReaderThatDoesNotRead() async throws {
        let store = AlertStore()
        store.add(1)
        try await Self.with(store, configure: { $0.writeStall = .milliseconds(200) }) { server in
            let connection = try await SilentReader.connect(
                to: try await server.endpoint.localAddress,
                sending: "GET /api/activity/alerts/stream?after=0 HTTP/1.1\r\nHost: a\r\n\r\n",
            )
            while !server.seen.contains(where: Self.isStream) {
                store.add(200)
                _ = try await server.connect { try await $0.get("/livez") }
            }
            // What the kernel's buffers took, and one chunk.
            #expect(try #require(server.seen.first(where: Self.isStream)).bytes < 16 << 20)
            try? await connection.close()
        }
    }
}
