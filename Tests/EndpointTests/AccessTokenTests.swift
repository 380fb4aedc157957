import Testing

@testable import Endpoint

@Suite("Access tokens")
struct AccessTokenTests {
    /// Every word the same, so that the token is known.
    struct Constant: RandomNumberGenerator {
        func next() -> UInt64 { 10 }
    }

    @Test
    func aTokenIsItsIDAndASecret() throws {
        var generator = SystemRandomNumberGenerator()
        let token = try #require(AccessToken(newFor: "grafana-2", using: &generator))
        let parts = token.text.split(separator: "_")
        #expect(parts.count == 3)
        #expect(parts.first == "actd")
        #expect(parts[1] == "grafana-2")
        #expect(parts[2].utf8.count == 32)
        #expect(AccessToken(token.text[...])?.id == "grafana-2")
        #expect(try #require(AccessToken(newFor: "grafana-2", using: &generator)).text != token.text)
    }

    /// `printf %s actd_x_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | sha256sum`
    @Test
    func aGrantHasTheDigestOfTheWholeToken() throws {
        var generator = Constant()
        let token = try #require(AccessToken(newFor: "x", using: &generator))
        #expect(token.text == "actd_x_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
        let written = "x:read+ingest:25794b25c5be074755eef9cee12d9bdae60b1f81971917990447e0aaaa6b7073"
        #expect(token.grant([.ingest, .read]).description == written)
        #expect(AccessGrant(written) == token.grant([.read, .ingest]))
        #expect(
            AccessGrant(
                written.replacing(
                    "25794b25c5be074755eef9cee12d9bdae60b1f81971917990447e0aaaa6b7073",
                    with: "25794b25c5be074755eef9cee12d9bdae60b1f81971917990447e0aaaa6b7073".uppercased(),
                )
            ) == AccessGrant(written)
        )
    }

    @Test(arguments: ["", "Grafana", "a_b", "a:b", "é", String(repeating: "a", count: 33)])
    func anIDIsShortAndPlain(_ id: String) {
        var generator = SystemRandomNumberGenerator()
        #expect(AccessToken(newFor: id, using: &generator) == nil)
        #expect(AccessGrant("\(id):read:\(String(repeating: "0", count: 64))") == nil)
    }

    @Test(arguments: [
        "x:read", "x::\(zeros)", "x:write:\(zeros)", "x:read+:\(zeros)", "x:read+read:\(zeros)",
        "x:read,ingest:\(zeros)",
        "x:read:\(zeros)0", "x:read:\(zeros.dropLast())g", "x:read:\(zeros):", "read:\(zeros)", "",
    ])
    func aGrantIsWrittenInOneWay(_ text: String) {
        #expect(AccessGrant(text) == nil)
    }

    private static let zeros = String(repeating: "0", count: 64)
}
