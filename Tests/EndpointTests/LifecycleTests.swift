import Activity
import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Endpoint

@Suite("Life of the server", .timeLimit(.minutes(1)))
struct LifecycleTests {
    private static func server(_ configuration: EndpointConfiguration) -> EndpointServer {
        EndpointServer(
            configuration: configuration,
            snapshots: SnapshotStore(),
            actions: .idle,
            access: AccessControl(),
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            now: { Fixture.computedAt },
        )
    }

    @Test
    func drainingAnswersWhatIsInFlightAndClosesTheRest() async throws {
        let gate = Gate()
        let compute: DocumentComputation = { snapshot, key in
            gate.pass(key)
            return snapshot.compute(key)
        }
        try await TestServer.with(compute: compute, configure: { $0.drainTimeout = .seconds(3600) }) { server in
            let address = try await server.endpoint.localAddress
            try await server.connect { busy in
                try await busy.send("GET /api/activity/dashboard?days=13 HTTP/1.1\r\nHost: a\r\n\r\n")
                await gate.waitForArrivals()
                try await server.connect { idle in
                    let ready = try await idle.get("/readyz")
                    #expect(ready.status == 200)
                    server.endpoint.drain()
                    server.endpoint.drain()
                    #expect(await idle.isAtEnd())
                }
                // The idle connection may end before the listener does: at the end of its answer it looks, too.
                while (try? await TestConnection.with(address) { _ in }) != nil {}
                gate.open()
                let response = try await busy.response()
                #expect(response.status == 200)
                #expect(response["Connection"] == "close")
                #expect(await busy.isAtEnd())
            }
        }
    }

    /// A client that has got an answer a moment ago may have its next request on the wire.
    @Test
    func drainingAnswersTheNextRequestOfAnIdleConnection() async throws {
        try await TestServer.with(configure: { $0.nextRequestPatience = .seconds(3600) }) { server in
            try await server.connect { connection in
                // The second is answered without being taken apart, and so would be the third.
                for _ in 1...2 {
                    let before = try await connection.get("/api/activity/dashboard")
                    #expect(before.status == 200 && before["Connection"] == nil)
                }
                let address = try await server.endpoint.localAddress
                server.endpoint.drain()
                while (try? await TestConnection.with(address) { _ in }) != nil {}
                let response = try await connection.get("/api/activity/dashboard")
                #expect(response.status == 200)
                #expect(response["Connection"] == "close")
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func drainingClosesAnIdleConnectionAfterAWhile() async throws {
        try await TestServer.with(
            configure: {
                $0.nextRequestPatience = .milliseconds(1)
                $0.drainTimeout = .seconds(3600)
            }
        ) { server in
            try await server.connect { connection in
                let response = try await connection.get("/livez")
                #expect(response.status == 200)
                server.endpoint.drain()
                #expect(await connection.isAtEnd())
            }
        }
    }

    /// What has been read already is answered, and only the last answer says that it is the last.
    @Test
    func drainingAnswersWhatIsPipelined() async throws {
        try await TestServer.with(configure: { $0.drainNotice = .seconds(3600) }) { server in
            server.endpoint.drain()
            try await server.connect { connection in
                let targets = ["/api/activity/dashboard", "/livez", "/api/activity/dashboard?days=13", "/livez"]
                let requests = targets.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }
                try await connection.send(requests.joined())
                for index in targets.indices {
                    let response = try await connection.response()
                    #expect(response.status == 200)
                    #expect(response["Connection"] == (index == targets.count - 1 ? "close" : nil))
                }
                #expect(await connection.isAtEnd())
            }
        }
    }

    /// Closing while input is unread resets the connection, and the client loses what it has not read yet.
    @Test
    func drainingTruncatesNoAnswerOfAClientThatGoesOnSending() async throws {
        try await TestServer.with(
            Fixture.snapshot(withDocumentsOf: 4 << 20),
            configure: { $0.drainNotice = .seconds(3600) },
        ) { server in
            server.endpoint.drain()
            try await server.connect { connection in
                try await connection.send(
                    "GET /api/activity/collections HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                )
                try await connection.send(String(repeating: "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", count: 1000))
                let response = try await connection.response()
                #expect(response.status == 200)
                #expect(response.body.count > 4 << 20)
            }
        }
    }

    @Test
    func readyzTellsOfDrainingForAWhile() async throws {
        try await TestServer.with(configure: { $0.drainNotice = .seconds(3600) }) { server in
            server.endpoint.drain()
            let ready = try await server.get("/readyz")
            #expect(ready.status == 503)
            #expect(ready["Connection"] == "close")
            #expect(ready.text.contains("shutting down"))
            #expect(try await server.get("/livez").status == 200)
            #expect(try await server.get("/api/activity/dashboard").status == 200)
        }
    }

    @Test
    func drainingCutsOffWhatDoesNotEnd() async throws {
        let gate = Gate()
        let compute: DocumentComputation = { snapshot, key in
            gate.pass(key)
            return snapshot.compute(key)
        }
        try await TestServer.with(compute: compute, configure: { $0.drainTimeout = .milliseconds(20) }) { server in
            try await server.connect { busy in
                try await busy.send("GET /api/activity/dashboard?days=13 HTTP/1.1\r\nHost: a\r\n\r\n")
                await gate.waitForArrivals()
                server.endpoint.drain()
                #expect(await busy.isAtEnd())
                gate.open()
            }
        }
    }

    @Test
    func drainingBeforeTheStartEndsAtOnce() async throws {
        let server = Self.server(EndpointConfiguration(port: 0))
        server.drain()
        try await server.run()
    }

    @Test
    func cancellingEndsIt() async throws {
        let server = Self.server(EndpointConfiguration(port: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            #expect(try await server.localAddress.port != 0)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test
    func anAddressInUseIsNamed() async throws {
        try await TestServer.with { first in
            let port = try #require(try await first.endpoint.localAddress.port)
            let second = Self.server(EndpointConfiguration(port: port))
            let error = await #expect(throws: EndpointError.self) { try await second.run() }
            #expect(error?.code == .bindFailed)
            #expect(
                error?.description == "cannot listen on host 127.0.0.1, port \(port): another process listens there"
            )
            #expect(error?.isPermanent == false)
            await #expect(throws: EndpointError.self) { try await second.localAddress }
        }
    }

    @Test(arguments: [
        (EADDRNOTAVAIL, "this machine does not have that address, or does not have it yet", false),
        (
            EACCES,
            "this process may not; ports below 1024 want CAP_NET_BIND_SERVICE or a socket that systemd hands over",
            true,
        ),
        (EMFILE, "Too many open files", false),
    ])
    func aRefusalOfTheSystemIsExplained(_ code: Int32, _ reason: String, _ isPermanent: Bool) {
        let error = EndpointError(
            code: .bindFailed,
            listener: Listener(.http, .tcp(host: "192.0.2.1", port: 80)),
            underlying: IOError(errnoCode: code, reason: "bind"),
        )
        #expect(error.description == "cannot listen on host 192.0.2.1, port 80: \(reason)")
        #expect(error.isPermanent == isPermanent)
    }

    @Test
    func anUnknownHostIsNamed() async throws {
        let server = Self.server(EndpointConfiguration(host: "no.such.host.invalid", port: 3000))
        let error = await #expect(throws: EndpointError.self) { try await server.run() }
        #expect(error?.description.hasPrefix("cannot listen on host no.such.host.invalid, port 3000: ") == true)
    }
}
