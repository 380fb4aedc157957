import Testing

@testable import Endpoint

@Suite("Runs of jobs", .timeLimit(.minutes(1)))
struct JobRouteTests {
    private struct Broken: Error {}

    private static var actions: EndpointActions {
        var actions = EndpointActions.idle
        actions.runJob = { name in
            switch name {
            case "broken": throw Broken()
            case "cron:1", "précompute/x": .requested(JobRequest.Run(id: 7, job: name, status: "queued"))
            default: .unknown(known: (1...40).map { "job-\($0)" })
            }
        }
        return actions
    }

    @Test func aRunIsAskedForAndNotWaitedFor() async throws {
        try await TestServer.with(actions: Self.actions) { server in
            let response = try await server.get("/api/jobs/cron%3A1/run", method: "POST")
            #expect(response.status == 202)
            #expect(response.text == #"{"success":true,"run":{"id":7,"job":"cron:1","status":"queued"}}"#)
            let other = try await server.get("/api/jobs/pr%C3%A9compute%2Fx/run", method: "POST")
            #expect(other.status == 202)
            #expect(server.seen.map(\.route) == ["/api/jobs/:name/run", "/api/jobs/:name/run"])
        }
    }

    @Test func anUnknownJobIsNotFoundAndSomeAreNamed() async throws {
        try await TestServer.with(actions: Self.actions) { server in
            let response = try await server.get("/api/jobs/nothing/run", method: "POST")
            #expect(response.status == 404)
            #expect(response.text.contains(#"no single job is called \"nothing\"; accepted: job-1, job-2"#))
            #expect(response.text.contains("job-30, …"))
        }
    }

    @Test func aServerThatIsAwaySaysNothingOfTheInside() async throws {
        try await TestServer.with(actions: Self.actions) { server in
            let response = try await server.get("/api/jobs/broken/run", method: "POST")
            #expect(response.status == 503)
            #expect(!response.text.contains("Broken"))
            #expect(server.seen.last?.failure is Broken)
        }
    }

    @Test func onlyAnAdminMayAskAndOnlyByPost() async throws {
        let tokens = Tokens()
        try await TestServer.with(actions: Self.actions, access: tokens.access) { server in
            let reader = "Authorization: Bearer \(tokens.reader.text)"
            let admin = "Authorization: Bearer \(tokens.admin.text)"
            #expect(try await server.get("/api/jobs/cron:1/run", method: "POST").status == 401)
            #expect(try await server.get("/api/jobs/cron:1/run", method: "POST", reader).status == 403)
            #expect(try await server.get("/api/jobs/cron:1/run", method: "POST", admin).status == 202)
            let response = try await server.get("/api/jobs/cron:1/run", admin)
            #expect(response.status == 405)
            #expect(response["Allow"] == "POST, OPTIONS")
        }
    }
}
