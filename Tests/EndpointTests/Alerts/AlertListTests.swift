import Testing

@testable import Endpoint

@Suite("Lists of alerts", .timeLimit(.minutes(1)))
struct AlertListTests {
    static let store: AlertStore = {
        let store = AlertStore()
        for number in 1...3 { store.add(alert: #"{"status": "firing", "count": \#(number)}"#) }
        store.add(alert: #"{"status": "pending", "count": 4}"#)
        store.add(alert: #"{"status": "resolved", "count": 5}"#)
        store.add(3)
        store.add(2, status: "resolved")
        return store
    }()

    @Test(arguments: [
        ("", [3, 2, 1]), ("?status=firing", [3, 2, 1]), ("?status=pending", [4]), ("?status=resolved", [5]),
        ("?status=open", [4, 3, 2, 1]), ("?status=all", [5, 4, 3, 2, 1]), ("?limit=3", [3, 2, 1]),
    ])
    func showTheNewestFirst(_ query: String, counts: [Int]) async throws {
        let response = try await TestServer.with(actions: Self.store.actions) {
            try await $0.get("/api/activity/alerts\(query)")
        }
        #expect(response.status == 200)
        #expect(response["Cache-Control"] == "no-store")
        let json = try response.json
        #expect(json["success"] as? Bool == true)
        #expect((json["data"] as? [[String: Any]])?.map { $0["count"] as? Int } == counts)
        let meta = try #require(json["meta"] as? [String: Any])
        #expect(meta["lastSequence"] as? Int == 5)
        #expect(meta["hasMore"] as? Bool == false)
    }

    @Test(arguments: [
        ("?after=0", [1, 2, 3, 4, 5], 5, false), ("?after=3", [4, 5], 5, false), ("?after=5", [], 5, false),
        ("?after=9", [], 5, false), ("?after=1&limit=2", [2, 3], 3, true), ("?after=3&limit=2", [4, 5], 5, false),
        ("?after=0&status=resolved", [4, 5], 5, false), ("?after=0&status=firing&limit=4", [1, 2, 3], 4, true),
        ("?after=0&status=all", [1, 2, 3, 4, 5], 5, false),
    ])
    func showTheEventsAfterASequence(_ query: String, ids: [Int], last: Int, hasMore: Bool) async throws {
        let json = try await TestServer.with(actions: Self.store.actions) {
            try await $0.get("/api/activity/alerts\(query)")
        }.json
        #expect((json["data"] as? [[String: Any]])?.map { $0["id"] as? String } == ids.map(String.init))
        let meta = try #require(json["meta"] as? [String: Any])
        #expect(meta["lastSequence"] as? Int == last)
        #expect(meta["hasMore"] as? Bool == hasMore)
    }

    @Test
    func sayThatThereIsMore() async throws {
        let json = try await TestServer.with(actions: Self.store.actions) {
            try await $0.get("/api/activity/alerts?limit=2")
        }.json
        #expect((json["data"] as? [Any])?.count == 2)
        #expect((json["meta"] as? [String: Any])?["hasMore"] as? Bool == true)
    }

    @Test
    func areUnavailableWithoutTheDatabase() async throws {
        let store = AlertStore()
        store.isAway = true
        try await TestServer.with(actions: store.actions) { server in
            let response = try await server.get("/api/activity/alerts")
            #expect(response.status == 503)
            #expect(response["Retry-After"] == "5")
            #expect(response["Content-Type"] == "application/problem+json")
            #expect(server.seen.last?.failure is AlertStore.Away)
            #expect(try await server.get("/api/activity/dashboard").status == 200)
        }
    }

    @Test
    func areReadByFewAtATime() async throws {
        let gate = AsyncGate()
        var actions = EndpointActions.idle
        actions.alerts.newestSequence = {
            await gate.pass()
            return 0
        }
        try await TestServer.with(actions: actions) { server in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await server.get("/api/activity/alerts").status } }
                await gate.waitForArrivals(8)
                let refused = try await server.get("/api/activity/alerts")
                #expect(refused.status == 503)
                #expect(refused["Retry-After"] == "1")
                gate.open()
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await server.get("/api/activity/alerts").status == 200)
        }
    }
}
