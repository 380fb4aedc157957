import NIOHTTP1
import Testing

@testable import Endpoint

@Suite("Access", .timeLimit(.minutes(1)))
struct AccessTests {
    private let tokens = Tokens()

    private static func bearer(_ token: AccessToken) -> String { "Authorization: Bearer \(token.text)" }

    @Test(arguments: MethodTests.served)
    func withoutTokensEverythingIsOpen(_ route: Route) async throws {
        let response = try await TestServer.with { server in
            try await server.get(MethodTests.path(route), method: route.method.rawValue)
        }
        #expect(response.status == MethodTests.success(route))
    }

    @Test(arguments: MethodTests.served)
    func withTokensOnlyHealthThePageAndTheDescriptionAreOpen(_ route: Route) async throws {
        let response = try await TestServer.with(access: tokens.access) { server in
            try await server.get(MethodTests.path(route), method: route.method.rawValue)
        }
        let isOpen = [.page, .health, .live, .ready, .openAPI].contains(route)
        #expect(response.status == (isOpen ? 200 : 401))
        #expect(response["WWW-Authenticate"] == (isOpen ? nil : "Bearer"))
        if !isOpen { #expect(response["Content-Type"] == "application/problem+json") }
    }

    @Test(arguments: MethodTests.served)
    func optionsAndUnknownMethodsNeedNoToken(_ route: Route) async throws {
        try await TestServer.with(access: tokens.access) { server in
            for (method, status) in [("OPTIONS", 204), ("PATCH", 405)] {
                let response = try await server.get(MethodTests.path(route), method: method)
                #expect(response.status == status)
            }
        }
    }

    @Test(arguments: MethodTests.served)
    func aTokenDoesWhatItsScopeSays(_ route: Route) async throws {
        guard let scope = route.scope else { return }
        let done = MethodTests.success(route)
        let holders: [(AccessToken, AccessScope)] = [(tokens.reader, .read), (tokens.reporter, .ingest)]
        try await TestServer.with(access: tokens.access) { server in
            let (path, method) = (MethodTests.path(route), route.method.rawValue)
            #expect(try await server.get(path, method: method, Self.bearer(tokens.admin)).status == done)
            for (token, allowed) in holders {
                let response = try await server.get(path, method: method, Self.bearer(token))
                #expect(response.status == (allowed == scope ? done : 403))
                guard response.status == 403 else { continue }
                let needed = "Bearer error=\"insufficient_scope\", scope=\"\(scope.rawValue)\""
                #expect(response["WWW-Authenticate"] == needed)
                #expect(response.text.contains("accepted: a token with the scope \(scope.rawValue)"))
            }
        }
    }

    @Test
    func nobodyLearnsWhatIsWrongWithAToken() async throws {
        let known = tokens.reader.text
        try await TestServer.with(access: tokens.access) { server in
            let refused = [
                "X: no", "Authorization: Bearer \(tokens.stranger.text)", "Authorization: Bearer \(known)0",
                "Authorization: Bearer \(known.dropLast())", "Authorization: Bearer actd_nobody_\(known.suffix(32))",
                "Authorization: Bearer", "Authorization: Basic \(known)", "Authorization: \(known)",
                "Authorization: Bearer \(known) x", "Authorization: Bearer \(known)\r\nAuthorization: Bearer \(known)",
                "Authorization: Bearer \(known), Bearer \(known)", "Authorization: Bearer \(known.uppercased())",
                "Authorization: Bearer actd_reader_", "Authorization: Bearer actd__\(known.suffix(32))",
            ]
            var bodies: Set<String> = []
            for field in refused {
                // Too many in a minute are not answered any more.
                server.clock.set(server.clock.now.advanced(seconds: 60))
                let response = try await server.get("/api/cache/stats", field)
                #expect(response.status == 401, "\(field)")
                #expect(response["WWW-Authenticate"] == "Bearer")
                bodies.insert(try #require(response.json["detail"] as? String))
            }
            #expect(bodies.count == 1)
        }
    }

    @Test(arguments: ["Bearer", "bearer", "BEARER", "Bearer  "])
    func theSchemeIsReadInAnyCase(_ scheme: String) async throws {
        let response = try await TestServer.with(access: tokens.access) { server in
            try await server.get("/api/activity/dashboard", "Authorization: \(scheme) \(tokens.reader.text)")
        }
        #expect(response.status == 200)
    }

    @Test
    func answersForAHolderArePrivate() async throws {
        try await TestServer.with(access: tokens.access) { server in
            let field = Self.bearer(tokens.reader)
            let response = try await server.get("/api/activity/dashboard", field)
            #expect(response["Cache-Control"]?.hasPrefix("private, max-age=") == true)
            let tag = try #require(response["ETag"])
            let again = try await server.get("/api/activity/dashboard", field, "If-None-Match: \(tag)")
            #expect(again.status == 304)
            #expect(again["Cache-Control"]?.hasPrefix("private, max-age=") == true)
        }
        let open = try await TestServer.with { try await $0.get("/api/activity/dashboard") }
        #expect(open["Cache-Control"]?.hasPrefix("public, max-age=") == true)
    }

    @Test
    func tokensAreReplacedWhileTheServerRuns() async throws {
        let access = AccessControl()
        let steps: [(grants: [AccessGrant], statuses: [Int])] = [
            ([tokens.reader.grant([.read])], [200, 401]),
            ([tokens.reader.grant([.read]), tokens.stranger.grant([.read])], [200, 200]),
            ([tokens.stranger.grant([.ingest])], [401, 403]),
            ([], [200, 200]),
        ]
        try await TestServer.with(access: access) { server in
            try await server.connect { connection in
                for step in steps {
                    access.replace(with: step.grants)
                    for (token, status) in zip([tokens.reader, tokens.stranger], step.statuses) {
                        let response = try await connection.get("/api/cache/stats", Self.bearer(token))
                        #expect(response.status == status)
                    }
                }
            }
        }
    }

    @Test
    func whereTokensAreAMustNoneOpensNothing() async throws {
        let access = AccessControl([tokens.reader.grant([.read])], needsTokens: true)
        access.replace(with: [])
        let status = try await TestServer.with(access: access) { try await $0.get("/api/cache/stats").status }
        #expect(status == 401)
    }

    @Test
    func twoTokensOfOneIDAllowWhatEachOfThemAllows() async throws {
        let access = AccessControl([
            tokens.reader.grant([.read]), tokens.stranger.grant([.ingest]), tokens.stranger.grant([.read]),
        ])
        try await TestServer.with(access: access) { server in
            let path = "/api/activity/auth-events"
            for (token, status) in [(tokens.reader, 403), (tokens.stranger, 415)] {
                let response = try await server.get(path, method: "POST", Self.bearer(token))
                #expect(response.status == status)
            }
            let response = try await server.get("/api/cache/stats", Self.bearer(tokens.stranger))
            #expect(response.status == 200)
        }
    }
}
