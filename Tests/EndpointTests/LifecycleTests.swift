import Activity
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
            #expect(error?.description.hasPrefix("cannot listen on host 127.0.0.1, port \(port): ") == true)
            await #expect(throws: EndpointError.self) { try await second.localAddress }
        }
    }

    @Test
    func anUnknownHostIsNamed() async throws {
        let server = Self.server(EndpointConfiguration(host: "no.such.host.invalid", port: 3000))
        let error = await #expect(throws: EndpointError.self) { try await server.run() }
        #expect(error?.description.hasPrefix("cannot listen on host no.such.host.invalid, port 3000: ") == true)
    }
}
