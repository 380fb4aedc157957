import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import Endpoint

@Suite("Listeners", .timeLimit(.minutes(1)))
struct ListenerTests {
    private static func path() -> String { "/tmp/activityd-\(UUID().uuidString.prefix(8)).sock" }

    private static func mode(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? 0
    }

    /// Serves on some listeners during the body.
    private static func serve(
        on listeners: Listener...,
        actions: EndpointActions = .idle,
        _ body: @Sendable (TestServer) async throws -> Void,
    ) async throws {
        try await TestServer.with(actions: actions, configure: { $0.listeners = listeners }, body)
    }

    @Test func servesASocketInTheFileSystemAndRemovesIt() async throws {
        let path = Self.path()
        try await Self.serve(on: Listener(.http, .unix(path: path, mode: 0o620))) { server in
            let response = try await server.get("/livez")
            #expect(response.status == 200)
            #expect(try await server.endpoint.listeners.first?.address.pathname == path)
            #expect(try Self.mode(path) == 0o620)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func takesTheSocketOfAProcessThatHasEnded() async throws {
        let path = Self.path()
        let left = try UnixSocket(bindingTo: path, mode: 0o600)
        close(left.descriptor)
        try await Self.serve(on: Listener(.http, .unix(path: path, mode: 0o660))) { server in
            let response = try await server.get("/livez")
            #expect(response.status == 200)
        }
    }

    @Test func leavesTheSocketOfAProcessThatListens() async throws {
        let path = Self.path()
        let listener = Listener(.http, .unix(path: path, mode: 0o660))
        try await Self.serve(on: listener) { server in
            _ = try await server.endpoint.listeners
            let error = await #expect(throws: EndpointError.self) {
                try await Self.serve(on: listener) {
                    _ = try await $0.endpoint.listeners
                }
            }
            #expect(error?.description == "cannot listen on socket \(path): another process listens there")
            #expect(try await server.get("/livez").status == 200)
        }
    }

    @Test func leavesAFileThatIsNoSocket() async throws {
        let path = Self.path()
        try Data("mine".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = await #expect(throws: EndpointError.self) {
            try await Self.serve(on: Listener(.http, .unix(path: path, mode: 0o660))) {
                _ = try await $0.endpoint.listeners
            }
        }
        #expect(error?.description == "cannot listen on socket \(path): something is there that is no socket")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    }

    @Test func leavesASuccessorsSocket() throws {
        let path = Self.path()
        let first = try UnixSocket(bindingTo: path, mode: 0o600)
        unlink(path)
        let second = try UnixSocket(bindingTo: path, mode: 0o600)
        first.remove()
        #expect(FileManager.default.fileExists(atPath: path))
        second.remove()
        #expect(!FileManager.default.fileExists(atPath: path))
        close(first.descriptor)
        close(second.descriptor)
    }

    /// As activityd.socket does it. Clients wait there while one daemon is replaced by the next.
    @Test func letsAsManyWaitAsTheSocketThatItWasGiven() async throws {
        let (given, kept) = try Self.listeningSocket(backlog: 4096)
        defer { close(kept) }
        let allowed = Self.backlog(of: kept)
        try await Self.serve(on: Listener(.http, .descriptor(given))) { server in
            let response = try await server.get("/livez")
            #expect(response.status == 200)
            #expect(Self.backlog(of: kept) == allowed)
        }
    }

    /// A socket that listens on a port of its own, twice.
    private static func listeningSocket(backlog: CInt) throws -> (CInt, CInt) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let bound = withUnsafeBytes(of: &address) { bytes in
            bind(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
        }
        try #require(bound == 0 && listen(descriptor, backlog) == 0)
        return (descriptor, dup(descriptor))
    }

    /// Linux says it in a field that means something else for connections.
    private static func backlog(of descriptor: CInt) -> UInt32 {
        var info = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &info, &size)
        return info.tcpi_sacked
    }

    @Test func aFailureNamesTheListenerAndLeavesNoOther() async throws {
        let path = Self.path()
        let listeners = [
            Listener(.http, .unix(path: path, mode: 0o660)),
            Listener(.admin, .unix(path: "/tmp/no/such", mode: 0o660)),
        ]
        let error = await #expect(throws: EndpointError.self) {
            try await Self.serve(on: listeners[0], listeners[1]) { _ = try await $0.endpoint.listeners }
        }
        #expect(error?.listener == listeners[1])
        #expect(error?.description.contains("cannot be bound: No such file or directory") == true)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test(arguments: Route.allCases)
    func eachRouteIsWhereItBelongs(_ route: Route) {
        let isOperational = [.health, .live, .ready, .metrics].contains(route)
        #expect(Listener.Role.http.serves(route) == (route != .metrics))
        #expect(Listener.Role.admin.serves(route) == (isOperational || route.method != .GET))
    }

    @Test func metricsAreOnTheAdminListenerOnly() async throws {
        var actions = EndpointActions.idle
        actions.metrics = { format, endpoint in
            "\(format) \(endpoint.connections)" + String(repeating: "\n", count: 1024)
        }
        let place = Listener.Place.tcp(host: "127.0.0.1", port: 0)
        try await Self.serve(on: Listener(.http, place), Listener(.admin, place), actions: actions) { server in
            #expect(try await server.get("/metrics").status == 404)
            let admin = try #require(try await server.endpoint.listeners.address(of: .admin))
            try await TestConnection.with(admin) { connection in
                #expect(try await connection.get("/readyz").status == 200)
                #expect(try await connection.get("/api/activity/dashboard").status == 404)
                let text = try await connection.get("/metrics")
                #expect(text.text.hasPrefix("text "))
                #expect(text["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
                let other = try await connection.get("/metrics", "Accept: application/openmetrics-text")
                #expect(other.text.hasPrefix("openMetrics "))
                #expect(other["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
                #expect(other["Vary"] == "Accept, Accept-Encoding")
                let compressed = try await connection.get("/metrics", "Accept-Encoding: gzip")
                #expect(compressed["Content-Encoding"] == "gzip")
                #expect(compressed["Vary"] == "Accept, Accept-Encoding")
                #expect(try await connection.get("/metrics?x=1").status == 400)
            }
        }
    }

    @Test(arguments: [
        ("", MetricsFormat.text), ("*/*", .text), ("text/plain", .text), ("text/html, application/json", .text),
        ("application/openmetrics-text", .openMetrics), ("application/openmetrics-text;q=0", .text),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8, text/plain;q=0.5", .openMetrics),
        ("application/openmetrics-text;version=0.0.1", .text),
        ("application/openmetrics-text;q=0.3, text/plain;version=0.0.4;q=0.4", .text),
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics,
        ),
    ])
    func negotiates(_ accept: String, _ format: MetricsFormat) {
        #expect(MetricsFormat.preferred(by: accept.isEmpty ? [] : [accept]) == format)
    }

    /// A client that connects as the server goes down has not sent its request yet.
    @Test func drainingWaitsForTheFirstRequestOfAConnection() async throws {
        try await TestServer.with(configure: { $0.firstRequestPatience = .seconds(60) }) { server in
            let address = try await server.endpoint.localAddress
            try await TestConnection.with(address) { late in
                // Connections are accepted in turn, so the late one has been before this is answered.
                #expect(try await server.get("/livez").status == 200)
                server.endpoint.drain()
                while (try? await TestConnection.with(address) { _ in }) != nil {}
                let response = try await late.get("/livez")
                #expect(response.status == 200)
                #expect(response["Connection"] == "close")
                #expect(await late.isAtEnd())
            }
        }
    }
}
