import Activity
import Testing

@testable import Endpoint

@Suite("Computations", .timeLimit(.minutes(2)))
struct ComputationTests {
    private static func held(by gate: Gate) -> DocumentComputation {
        { snapshot, key in
            gate.pass(key)
            return snapshot.compute(key)
        }
    }

    @Test
    func happenOnceForAHundredReaders() async throws {
        let gate = Gate()
        try await TestServer.with(compute: Self.held(by: gate)) { server in
            let expected = try DocumentRouteTests.body(of: ActivityQuery(.dashboard(days: 13)))
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 1...100 {
                    group.addTask { try await server.get("/api/activity/dashboard?days=13").body }
                }
                await gate.waitForArrivals()
                gate.open()
                for try await body in group { #expect(body == expected) }
            }
            #expect(gate.arrivals == [.dashboard(days: 13)])
            let statistics = try await statistics(of: server)
            #expect(statistics["computations"] as? Int == 1)
            #expect((statistics["hits"] as? Int ?? 0) + (statistics["misses"] as? Int ?? 0) == 100)
        }
    }

    @Test
    func happenOnceForAllSelections() async throws {
        try await TestServer.with { server in
            for limit in 1...5 {
                let response = try await server.get("/api/activity/ips?days=13&limit=\(limit)")
                #expect(response.status == 200)
            }
            #expect(try await statistics(of: server)["computations"] as? Int == 1)
            #expect(try await statistics(of: server)["hits"] as? Int == 4)
        }
    }

    @Test
    func happenOnceForAnUnknownUser() async throws {
        try await TestServer.with { server in
            for _ in 1...3 { _ = try await server.get("/api/activity/users/\(Fixture.unknownUser)") }
            #expect(try await statistics(of: server)["computations"] as? Int == 1)
        }
    }

    @Test
    func areForgottenWithTheirGeneration() async throws {
        try await TestServer.with { server in
            let target = "/api/activity/dashboard?days=13"
            #expect(try await server.get(target)["ETag"] == "\"812\"")
            let newer = Fixture.snapshot(generation: 813)
            server.snapshots.replace(with: newer)
            let response = try await server.get(target)
            #expect(response["ETag"] == "\"813\"")
            #expect(response.body == (try DocumentRouteTests.body(of: ActivityQuery(.dashboard(days: 13)), in: newer)))
        }
    }

    @Test
    func thatEndLateStillAnswerWithTheirOwnGeneration() async throws {
        let gate = Gate()
        try await TestServer.with(compute: Self.held(by: gate)) { server in
            let target = "/api/activity/dashboard?days=13"
            async let late = server.get(target)
            await gate.waitForArrivals()
            server.snapshots.replace(with: Fixture.snapshot(generation: 813))
            async let next = server.get(target)
            await gate.waitForArrivals()
            gate.open()
            let tags = (try await late["ETag"], try await next["ETag"], try await server.get(target)["ETag"])
            #expect(tags == ("\"812\"", "\"813\"", "\"813\""))
            #expect(gate.arrivals.count == 2)
        }
    }

    @Test
    func beyondTheQueueAreRefused() async throws {
        let gate = Gate()
        let bounds = { (configuration: inout EndpointConfiguration) in
            configuration.computations = 2
            configuration.waitingComputations = 1
        }
        try await TestServer.with(compute: Self.held(by: gate), configure: bounds) { server in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for days in [11, 12] {
                    group.addTask { try await server.get("/api/activity/dashboard?days=\(days)").status }
                }
                await gate.waitForArrivals(2)
                // Of two more one waits; who comes first is open, so the refused one is told by its answer.
                for days in [15, 16] {
                    group.addTask { try await server.get("/api/activity/dashboard?days=\(days)").status }
                }
                #expect(try await group.next() == 503)
                let refused = try await server.get("/api/activity/dashboard?days=17")
                #expect(refused.status == 503)
                #expect(refused["Retry-After"] == "1")
                #expect(try refused.json["success"] as? Bool == false)
                // What is rendered ahead, and what is being computed, needs no place in the queue.
                #expect(try await server.get("/api/activity/dashboard").status == 200)
                gate.open()
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await server.get("/api/activity/dashboard?days=17").status == 200)
        }
    }

    @Test
    func areKeptOnlyWithinTheBound() async throws {
        try await TestServer.with(configure: { $0.keptDocuments = 3 }) { server in
            for days in [11, 12, 13, 15, 15, 11] {
                #expect(try await server.get("/api/activity/collections?days=\(days)").status == 200)
            }
            let statistics = try await statistics(of: server)
            #expect(statistics["computations"] as? Int == 5)
            #expect(statistics["keys"] as? Int == Fixture.snapshot.documents.count + 3)
        }
    }

    @Test
    func neverMixGenerationsUnderLoad() async throws {
        let snapshots = (1...12).map { Fixture.snapshot(generation: $0) }
        let queries = [
            "/api/activity/dashboard": ActivityQuery(.dashboard(days: 7)),
            "/api/activity/hourly?hours=744": ActivityQuery(.hourly(action: nil), .newest(hours: 744)),
            "/api/activity/ips?days=13": ActivityQuery(.ips(days: 13), .prefix(limit: 50, minimum: 10)),
        ]
        var bodies: [String: [UInt8]] = [:]
        for snapshot in snapshots {
            for (target, query) in queries {
                let tag = "\"\(snapshot.generation.number)\""
                bodies[target + tag] = try DocumentRouteTests.body(of: query, in: snapshot)
            }
        }
        try await TestServer.with(snapshots[0]) { [bodies] server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for target in queries.keys.sorted() + queries.keys.sorted() {
                    group.addTask { try await Self.read(target, from: server, expecting: bodies) }
                }
                for snapshot in snapshots {
                    server.snapshots.replace(with: snapshot)
                    _ = try await server.get("/api/activity/users")
                }
                try await group.waitForAll()
            }
        }
    }

    /// Reads until the last generation came, and checks that generations come in order and each whole.
    private static func read(_ target: String, from server: TestServer, expecting bodies: [String: [UInt8]])
        async throws
    {
        try await server.connect { connection in
            var newest = 0
            while newest < 12 {
                let response = try await connection.get(target)
                #expect(response.status == 200)
                let tag = try #require(response["ETag"])
                #expect(response.body == bodies[target + tag])
                let generation = try #require(Int(tag.dropFirst().dropLast()))
                #expect(generation >= newest)
                newest = generation
            }
        }
    }

    private func statistics(of server: TestServer) async throws -> [String: Any] {
        try #require(try await server.get("/api/cache/stats").json["data"] as? [String: Any])
    }
}
