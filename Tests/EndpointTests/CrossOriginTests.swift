import NIOHTTP1
import Testing

@testable import Endpoint

@Suite("Pages of other origins", .timeLimit(.minutes(1)))
struct CrossOriginTests {
    private static let page = "https://dash.example"
    private static let target = "/api/activity/dashboard"

    private static func rules(_ origins: String...) -> AccessRules {
        AccessRules.with { rules in for origin in origins { _ = rules.crossOrigin.add(origin) } }
    }

    private static func names(_ response: TestResponse) -> [String] {
        response.fields.map { $0.name.lowercased() }.filter { $0.hasPrefix("access-control-") }.sorted()
    }

    @Test
    func mayReadNothingByDefault() async throws {
        try await TestServer.with { server in
            for method in ["GET", "OPTIONS"] {
                let response = try await server.get(
                    Self.target,
                    method: method,
                    "Origin: \(Self.page)",
                    "Access-Control-Request-Method: GET",
                )
                #expect(Self.names(response) == [])
                #expect(response["Vary"] == (method == "GET" ? "Accept-Encoding" : nil))
            }
        }
    }

    @Test
    func mayReadWhenListed() async throws {
        let rules = Self.rules("https://other.example", Self.page)
        try await TestServer.with(configure: { $0.rules = rules }) { server in
            let response = try await server.get(Self.target, "Origin: \(Self.page)")
            #expect(response["Access-Control-Allow-Origin"] == Self.page)
            #expect(response["Access-Control-Expose-Headers"]?.contains("ETag, RateLimit, RateLimit-Policy") == true)
            #expect(Self.names(response) == ["access-control-allow-origin", "access-control-expose-headers"])
            #expect(response["Vary"] == "Accept-Encoding, Origin")
            let tag = try #require(response["ETag"])
            let again = try await server.get(Self.target, "Origin: \(Self.page)", "If-None-Match: \(tag)")
            #expect(again.status == 304)
            #expect(again["Access-Control-Allow-Origin"] == Self.page)
            #expect(again["Vary"] == "Accept-Encoding, Origin")
        }
    }

    @Test(arguments: ["https://dash.example.evil", "http://dash.example", "https://DASH.example", "null", ""])
    func areComparedExactly(_ origin: String) async throws {
        let rules = Self.rules(Self.page)
        try await TestServer.with(configure: { $0.rules = rules }) { server in
            let response = try await server.get(Self.target, "Origin: \(origin)")
            #expect(response.status == 200)
            #expect(Self.names(response) == [])
            #expect(response["Vary"] == "Accept-Encoding, Origin")
        }
    }

    @Test
    func mayBeEverybody() async throws {
        let rules = Self.rules("*")
        try await TestServer.with(configure: { $0.rules = rules }) { server in
            let response = try await server.get(Self.target, "Origin: \(Self.page)")
            #expect(response["Access-Control-Allow-Origin"] == "*")
            #expect(response["Vary"] == "Accept-Encoding")
            #expect(Self.names(try await server.get(Self.target)) == [])
        }
    }

    @Test(arguments: MethodTests.served)
    func askFirst(_ route: Route) async throws {
        let rules = Self.rules(Self.page)
        let tokens = Tokens()
        try await TestServer.with(access: tokens.access, configure: { $0.rules = rules }) { server in
            let response = try await server.get(
                MethodTests.path(route),
                method: "OPTIONS",
                "Origin: \(Self.page)",
                "Access-Control-Request-Method: \(route.method.rawValue)",
                "Access-Control-Request-Headers: authorization",
            )
            #expect(response.status == 204)
            #expect(response["Access-Control-Allow-Methods"] == route.allow)
            #expect(response["Access-Control-Allow-Headers"]?.contains("Authorization, Content-Type") == true)
            #expect(response["Access-Control-Max-Age"] == "7200")
            #expect(response["Access-Control-Allow-Credentials"] == nil)
        }
    }

    @Test
    func mayReadErrors() async throws {
        let rules = Self.rules(Self.page)
        try await TestServer.with(access: Tokens().access, configure: { $0.rules = rules }) { server in
            for (target, status) in [(Self.target, 401), ("/nothing", 404)] {
                let response = try await server.get(target, "Origin: \(Self.page)")
                #expect(response.status == status)
                #expect(response["Access-Control-Allow-Origin"] == Self.page)
                #expect(response["Vary"] == "Origin")
            }
        }
    }

    @Test(arguments: [
        "https://dash.example/", "dash.example", "ftp://dash.example", "https://", "https://a b",
        "HTTPS://dash.example",
        "https://dash.example?x", "https://me@dash.example", "null", "",
    ])
    func areRefusedWhenNoBrowserSendsThem(_ text: String) {
        var list = CrossOrigin()
        let isTaken = list.add(text)
        #expect(!isTaken)
    }
}
