import Activity
import Synchronization
import Testing

@testable import Endpoint

@Suite("Routes of the service", .timeLimit(.minutes(1)))
struct ServiceRouteTests {
    private struct Broken: Error, CustomStringConvertible {
        var description: String { "password=secret" }
    }

    @Test
    func livezTouchesNothing() async throws {
        let response = try await TestServer.with(nil) { try await $0.get("/livez") }
        #expect(response.status == 200)
        #expect(response.text == "ok")
        #expect(response["Content-Type"] == "text/plain; charset=utf-8")
        #expect(response["Cache-Control"] == "no-store")
    }

    @Test
    func readyzIsReadyOnceThereIsASnapshot() async throws {
        try await TestServer.with(nil) { server in
            let early = try await server.get("/readyz")
            #expect(early.status == 503)
            #expect(early["Content-Type"] == "application/problem+json")
            #expect(early["Retry-After"] == "1")
            #expect(early.text.contains("the first generation is still being computed"))
            server.snapshots.replace(with: Fixture.snapshot)
            let ready = try await server.get("/readyz")
            #expect(ready.status == 200)
            #expect(ready.text == "ready")
        }
    }

    @Test(arguments: DocumentRouteTests.cases)
    func queriesWaitForTheFirstSnapshot(_ example: DocumentRouteTests.Case) async throws {
        let response = try await TestServer.with(nil) { try await $0.get(example.target) }
        #expect(response.status == 503)
        #expect(response["Retry-After"] == "1")
        #expect(response["Content-Type"] == "application/problem+json")
    }

    @Test
    func healthIsToldInOrder() async throws {
        let report = HealthReport(
            message: "PostgreSQL is away",
            components: [
                .init("postgres", .down, detail: "connection refused"),
                .init("redis", .up),
                .init(
                    "feed",
                    .degraded,
                    details: [
                        .init("cursor", 81_234), .init("gaps", 0),
                        .init("lastBatch", ["rows": 120, "seconds": 0.25]),
                    ],
                ),
            ],
            process: [.init("residentBytes", 52_428_800), .init("uptimeSeconds", 61.5)],
        )
        var actions = EndpointActions.idle
        actions.health = { report }
        let response = try await TestServer.with(actions: actions) { try await $0.get("/api/health") }
        #expect(response.status == 200)
        #expect(response["Content-Type"] == "application/json; charset=utf-8")
        #expect(
            response.text == """
                {"success":true,"message":"PostgreSQL is away","timestamp":"2026-10-24T00:30:12Z",\
                "components":{"postgres":{"status":"down","detail":"connection refused"},"redis":{"status":"up"},\
                "feed":{"status":"degraded","cursor":81234,"gaps":0,"lastBatch":{"rows":120,"seconds":0.25}}},\
                "process":{"residentBytes":52428800,"uptimeSeconds":61.5}}
                """
        )
    }

    @Test
    func statisticsCountHitsAndMisses() async throws {
        try await TestServer.with { server in
            for target in ["dashboard", "dashboard", "dashboard?days=13", "dashboard?days=13"] {
                _ = try await server.get("/api/activity/\(target)")
            }
            let response = try await server.get("/api/cache/stats")
            let keys = Fixture.snapshot.documents.count + 1
            let through = try #require(Fixture.snapshot.dataThrough)
            let dataAge = (server.clock.now.microseconds - through.microseconds) / 1_000_000
            #expect(
                response.text == """
                    {"success":true,"data":{"hits":3,"misses":1,"hitRate":"75.00%","keys":\(keys),"computations":1},\
                    "generation":812,"ages":{"generation":12,"data":\(dataAge)}}
                    """
            )
        }
    }

    @Test
    func statisticsAreThereBeforeTheFirstSnapshot() async throws {
        let response = try await TestServer.with(nil) { try await $0.get("/api/cache/stats") }
        #expect(
            response.text == """
                {"success":true,"data":{"hits":0,"misses":0,"hitRate":"0.00%","keys":0,"computations":0},\
                "generation":null,"ages":{"generation":null,"data":null}}
                """
        )
    }

    @Test(arguments: [
        ("POST", "/api/cache/warm", "Cache warming completed"), ("DELETE", "/api/cache/clear", "Cache cleared"),
    ])
    func actionsAnswerOnceTheyAreDone(_ method: String, path: String, message: String) async throws {
        let calls = Mutex<[String]>([])
        var actions = EndpointActions.idle
        actions.warmCache = { calls.withLock { $0.append("POST") } }
        actions.clearCache = { calls.withLock { $0.append("DELETE") } }
        let response = try await TestServer.with(actions: actions) { try await $0.get(path, method: method) }
        #expect(response.status == 200)
        #expect(response.text == "{\"success\":true,\"message\":\"\(message)\"}")
        #expect(calls.withLock { $0 } == [method])
    }

    @Test(arguments: [("POST", "/api/cache/warm"), ("DELETE", "/api/cache/clear")])
    func actionsThatFailSayNothingOfTheInside(_ method: String, path: String) async throws {
        var actions = EndpointActions.idle
        actions.warmCache = { throw Broken() }
        actions.clearCache = { throw Broken() }
        try await TestServer.with(actions: actions) { server in
            let response = try await server.get(path, method: method)
            #expect(response.status == 503)
            #expect(response["Content-Type"] == "application/problem+json")
            #expect(!response.text.contains("secret"))
            #expect(server.seen.last?.failure is Broken)
        }
    }
}
