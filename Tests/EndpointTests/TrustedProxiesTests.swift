import Activity
import NIOHTTP1
import Testing

@testable import Endpoint

@Suite("Trusted proxies")
struct TrustedProxiesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let client: String
        let fields: [String]

        /// - Parameters:
        ///   - name: what it is about.
        ///   - client: who it is taken for.
        ///   - fields: the values of all fields of the name, in the order in which they came.
        init(_ name: String, _ client: String, _ fields: String...) {
            testDescription = name
            self.client = client
            self.fields = fields
        }
    }

    private static func client(
        _ field: ForwardedField,
        _ values: [String],
        from peer: String = "10.0.0.1",
        trusting elements: [String] = ["10.0.0.0/8", "2001:db8::/32"],
    ) -> String {
        var trusted = TrustedProxies()
        trusted.field = field
        for element in elements { _ = trusted.proxies.add(element) }
        let headers = HTTPHeaders(values.map { (field.rawValue.lowercased(), $0) })
        let address = IPAddress(peer).map(ClientAddress.ip) ?? .unixSocket
        return trusted.client(of: headers, from: address).description
    }

    @Test(arguments: [
        Case("no field", "10.0.0.1"),
        Case("one client", "192.0.2.7", "192.0.2.7"),
        Case("what a client made up", "192.0.2.7", "198.51.100.9, 192.0.2.7"),
        Case("proxies in between", "192.0.2.7", "198.51.100.9, 192.0.2.7, 10.0.0.3,10.0.0.2"),
        Case("several fields", "192.0.2.7", "198.51.100.9", "192.0.2.7", "10.0.0.2"),
        Case("none but proxies", "10.0.0.9", "10.0.0.9, 10.0.0.2"),
        Case("IPv6", "2001:db9::1", "2001:db9::1, 2001:db8::2"),
        Case("IPv6 in brackets", "2001:db9::1", "[2001:db9::1]"),
        Case("ports", "192.0.2.7", "198.51.100.9, 192.0.2.7:4711, [2001:db8::2]:80"),
        Case("mapped into IPv6", "192.0.2.7", "::ffff:192.0.2.7, ::ffff:10.0.0.2"),
        Case("blanks", "192.0.2.7", " \t 192.0.2.7 \t,\t10.0.0.2  "),
        Case("garbage at the end", "10.0.0.1", "192.0.2.7, x"),
        Case("garbage before a proxy", "10.0.0.2", "192.0.2.7, unknown, 10.0.0.2"),
        Case("an empty element", "10.0.0.1", "192.0.2.7,"),
        Case("an empty field", "10.0.0.1", ""),
        Case("a leading zero", "10.0.0.1", "192.0.2.07"),
        Case("a zone", "10.0.0.1", "fe80::1%eth0"),
        Case("a port that is none", "10.0.0.1", "192.0.2.7:99999"),
        Case("a port with a sign", "10.0.0.1", "192.0.2.7:+80"),
        Case("a half bracket", "10.0.0.1", "[2001:db9::1"),
    ])
    func areFollowedFromTheRight(_ example: Case) {
        #expect(Self.client(.xForwardedFor, example.fields) == example.client)
    }

    @Test(arguments: [
        Case("no field", "10.0.0.1"),
        Case("one client", "192.0.2.7", "for=192.0.2.7"),
        Case("quotes", "192.0.2.7", #"for="192.0.2.7""#),
        Case("all parameters", "192.0.2.7", "by=10.0.0.1;For=192.0.2.7; proto=https;host=example.org"),
        Case("what a client made up", "192.0.2.7", "for=198.51.100.9, for=192.0.2.7"),
        Case("IPv6 with a port", "2001:db9::1", #"for="[2001:db9::1]:4711", for="[2001:db8::2]""#),
        Case("several fields", "192.0.2.7", "for=198.51.100.9", "for=192.0.2.7, for=10.0.0.2"),
        Case("an open quote that a client sent", "192.0.2.7", #"for=", for=192.0.2.7"#),
        Case("hidden", "10.0.0.2", "for=192.0.2.7, for=_hidden, for=10.0.0.2"),
        Case("unknown", "10.0.0.1", "for=192.0.2.7, for=unknown"),
        Case("no for", "10.0.0.1", "for=192.0.2.7, proto=http"),
        Case("two for", "10.0.0.1", "for=192.0.2.7;for=192.0.2.8"),
        Case("a comma in quotes", "10.0.0.1", #"for="192.0.2.7,192.0.2.8""#),
        Case("a semicolon in quotes", "10.0.0.1", #"for=192.0.2.7;host="a;b""#),
        Case("a backslash in quotes", "10.0.0.1", #"for="192.0.2\.7""#),
        Case("no value", "10.0.0.1", "for"),
    ])
    func areFollowedByTheStandardsField(_ example: Case) {
        #expect(Self.client(.forwarded, example.fields) == example.client)
    }

    @Test
    func areNobodyByDefault() {
        #expect(Self.client(.xForwardedFor, ["192.0.2.7"], trusting: []) == "10.0.0.1")
        #expect(Self.client(.xForwardedFor, ["192.0.2.7"], from: "127.0.0.1", trusting: []) == "127.0.0.1")
        #expect(Self.client(.xForwardedFor, ["192.0.2.7"], from: "11.0.0.1") == "11.0.0.1")
    }

    @Test
    func areOnAUnixSocketOnlyWhenSaid() {
        #expect(Self.client(.xForwardedFor, ["192.0.2.7"], from: "") == "unix")
        #expect(Self.client(.xForwardedFor, ["192.0.2.7"], from: "", trusting: ["unix"]) == "192.0.2.7")
        #expect(Self.client(.xForwardedFor, ["x"], from: "", trusting: ["unix"]) == "unix")
    }

    @Test
    func theOtherFieldIsNotLookedAt() {
        var trusted = TrustedProxies()
        _ = trusted.proxies.add("10.0.0.1")
        let headers: HTTPHeaders = ["Forwarded": "for=192.0.2.7"]
        let peer = ClientAddress("10.0.0.1")
        #expect(trusted.client(of: headers, from: peer) == peer)
    }

    @Test
    func theAddressIsObserved() async throws {
        let rules = AccessRules.with { _ = $0.proxies.proxies.add("127.0.0.1") }
        try await TestServer.with(configure: { $0.rules = rules }) { server in
            _ = try await server.get("/livez", "X-Forwarded-For: 192.0.2.7")
            _ = try await server.get("/livez")
            #expect(server.seen.map(\.client.description) == ["192.0.2.7", "127.0.0.1"])
        }
    }
}

extension ClientAddress {
    /// From text that is an address.
    init(_ text: String) {
        guard let address = IPAddress(text) else { preconditionFailure("\(text) is no address") }
        self = .ip(address)
    }
}

extension AccessRules {
    static func with(_ change: (inout AccessRules) throws -> Void) rethrows -> AccessRules {
        var rules = AccessRules()
        try change(&rules)
        return rules
    }
}
