import NIOHTTP1
import Testing

@testable import Endpoint

@Suite("Methods", .timeLimit(.minutes(1)))
struct MethodTests {
    /// What readers can ask for.
    static let served = Route.allCases.filter(Listener.Role.http.serves)

    static func path(_ route: Route) -> String {
        route.rawValue.replacing(":userId", with: Fixture.users[0]).replacing(":name", with: "ingest")
    }

    /// The status of a request that is allowed.
    static func success(_ route: Route) -> Int {
        route.takesBody ? 415 : route == .runJob ? 202 : 200
    }

    @Test(arguments: served)
    func areNamedByOptions(_ route: Route) async throws {
        let response = try await TestServer.with { try await $0.get(Self.path(route), method: "OPTIONS") }
        #expect(response.status == 204)
        #expect(response["Allow"] == route.allow)
        #expect(response["Content-Length"] == nil)
    }

    @Test(arguments: served)
    func areRefusedWithAllow(_ route: Route) async throws {
        try await TestServer.with { server in
            for method in ["PUT", "PATCH", "GET", "HEAD", "POST", "DELETE", "TRACE"] {
                guard !route.accepts(.init(rawValue: method)) else { continue }
                let response = try await server.get(Self.path(route), method: method)
                #expect(response.status == 405)
                #expect(response["Allow"] == route.allow)
                #expect(response["Content-Type"] == "application/problem+json")
            }
        }
    }

    @Test
    func areNamedForTheWholeServer() async throws {
        let response = try await TestServer.with { try await $0.get("*", method: "OPTIONS") }
        #expect(response.status == 204)
        #expect(response["Allow"] == "GET, HEAD, POST, DELETE, OPTIONS")
    }

    @Test
    func areUnknownOnUnknownPaths() async throws {
        #expect(try await TestServer.with { try await $0.get("/nothing", method: "OPTIONS") }.status == 404)
    }
}
