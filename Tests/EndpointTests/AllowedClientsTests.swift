import NIOHTTP1
import Testing

@testable import Endpoint

/// Allow-lists by network. Behind a trusted proxy, so that requests come from where a test says.
@Suite("Allowed clients", .timeLimit(.minutes(1)))
struct AllowedClientsTests {
    private static func rules(_ list: WritableKeyPath<PerScope<ClientList>, ClientList>) -> AccessRules {
        AccessRules.with {
            _ = $0.proxies.proxies.add("127.0.0.1")
            for network in ["192.0.2.0/24", "2001:db8::/32"] { _ = $0.allowed[keyPath: list].add(network) }
        }
    }

    private static func status(_ server: TestServer, _ route: Route, from client: String) async throws -> Int {
        let response = try await server.get(
            MethodTests.path(route),
            method: route.method.rawValue,
            "X-Forwarded-For: \(client)",
        )
        if response.status == 403 {
            #expect(response["Content-Type"] == "application/problem+json")
            #expect(response["WWW-Authenticate"] == nil)
            #expect(try response.json["detail"] as? String == "clients at \(client) may not do this")
        }
        return response.status
    }

    @Test(arguments: MethodTests.served, [AccessScope.read, .ingest, .admin])
    func areAskedForTheirScopeOnly(_ route: Route, _ scope: AccessScope) async throws {
        let lists: [AccessScope: WritableKeyPath<PerScope<ClientList>, ClientList>] = [
            .read: \.read, .ingest: \.ingest, .admin: \.admin,
        ]
        let rules = Self.rules(try #require(lists[scope]))
        let done = MethodTests.success(route)
        try await TestServer.with(configure: { $0.rules = rules }) { server in
            let isClosed = route.scope == scope
            let outside = try await Self.status(server, route, from: "198.51.100.1")
            #expect(outside == (isClosed ? 403 : done))
            for client in ["192.0.2.1", "2001:db8::5"] {
                let inside = try await Self.status(server, route, from: client)
                #expect(inside == done)
            }
        }
    }

    @Test
    func needTheirTokenAllTheSame() async throws {
        let tokens = Tokens()
        let rules = Self.rules(\.admin)
        try await TestServer.with(access: tokens.access, configure: { $0.rules = rules }) { server in
            let bearer = "Authorization: Bearer \(tokens.admin.text)"
            for (client, status) in [("192.0.2.1", 200), ("198.51.100.1", 403)] {
                let from = "X-Forwarded-For: \(client)"
                #expect(try await server.get("/api/cache/warm", method: "POST", bearer, from).status == status)
            }
            let without = try await server.get("/api/cache/warm", method: "POST", "X-Forwarded-For: 192.0.2.1")
            #expect(without.status == 401)
        }
    }

    @Test
    func nothingIsReadOfTheOthers() async throws {
        let rules = Self.rules(\.ingest)
        try await TestServer.with(configure: { $0.rules = rules }) { server in
            try await server.connect { connection in
                let post = "POST /api/activity/auth-events HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                try await connection.send(post + "Content-Length: 60000\r\n\r\n")
                #expect(try await connection.response().status == 403)
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test(arguments: ["192.0.2.1", "192.0.2.0/24", "2001:db8::/32", "unix"])
    func areWrittenAsTheyAreRead(_ text: String) {
        var list = ClientList()
        _ = list.add(text)
        _ = list.add(text)
        #expect(list.description == (text.contains("/") || text == "unix" ? text : "\(text)/32"))
    }

    @Test(arguments: ["", "x", "localhost", "192.0.2.0/33", "Unix", "10.0.0.0/8 "])
    func areRefusedWhenTheyAreNone(_ text: String) {
        var list = ClientList()
        let isTaken = list.add(text)
        #expect(!isTaken)
        #expect(list.isEmpty)
    }
}

@Suite("Requests forged by pages", .timeLimit(.minutes(1)))
struct ForgedRequestTests {
    @Test(arguments: MethodTests.served)
    func changeNothing(_ route: Route) async throws {
        let rules = AccessRules.with { _ = $0.crossOrigin.add("https://good.example") }
        try await TestServer.with(configure: { $0.rules = rules }) { server in
            let (path, method) = (MethodTests.path(route), route.method.rawValue)
            let done = MethodTests.success(route)
            let forged = try await server.get(
                path,
                method: method,
                "Sec-Fetch-Site: cross-site",
                "Origin: https://a.b",
            )
            #expect(forged.status == (route.method == .GET ? done : 403))
            let fromNeighbour = try await server.get(path, method: method, "Sec-Fetch-Site: same-site")
            #expect(fromNeighbour.status == (route.method == .GET ? done : 403))
            for site in ["same-origin", "none"] {
                #expect(try await server.get(path, method: method, "Sec-Fetch-Site: \(site)").status == done)
            }
            let origin = "Origin: https://good.example"
            #expect(try await server.get(path, method: method, "Sec-Fetch-Site: cross-site", origin).status == done)
        }
    }

    /// Browsers send no Fetch metadata to whom they do not trust.
    @Test(arguments: [
        ("http://127.0.0.1:3000", "127.0.0.1:3000", 200), ("http://[::1]:3000", "[::1]:3000", 200),
        ("http://localhost:3000", "localhost:3000", 200), ("https://192.0.2.1", "192.0.2.1", 200),
        ("http://evil.example", "127.0.0.1:3000", 403), ("null", "127.0.0.1:3000", 403),
        // Its name server says that it is this machine.
        ("http://evil.example", "evil.example", 403),
        ("https://good.example", "127.0.0.1:3000", 200),
    ])
    func areToldByTheirOrigin(_ origin: String, _ host: String, _ status: Int) async throws {
        let rules = AccessRules.with { _ = $0.crossOrigin.add("https://good.example") }
        try await TestServer.with(configure: { $0.rules = rules }) { server in
            try await server.connect { connection in
                try await connection.send(
                    "POST /api/cache/warm HTTP/1.1\r\nHost: \(host)\r\nOrigin: \(origin)\r\n\r\n"
                )
                let response = try await connection.response()
                #expect(response.status == status)
            }
        }
    }

    @Test
    func mayComeUnderAnyNameWhereTokensAreNeeded() async throws {
        let tokens = Tokens()
        try await TestServer.with(access: tokens.access) { server in
            let (bearer, origin) = ("Authorization: Bearer \(tokens.admin.text)", "Origin: http://test")
            let response = try await server.get("/api/cache/warm", method: "POST", bearer, origin)
            #expect(response.status == 200)
        }
    }
}
