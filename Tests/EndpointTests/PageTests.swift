import Crypto
import Foundation
import NIOCore
import Testing

@testable import Endpoint

@Suite("Page", .timeLimit(.minutes(1)))
struct PageTests {
    @Test(arguments: ["/", "/?days=30&user=x", "/?utm_source=mail", "/?days=%"])
    func isServedWhateverItsParameters(_ target: String) async throws {
        let response = try await TestServer.with(nil) { try await $0.get(target) }
        #expect(response.status == 200)
        #expect(response["Content-Type"] == "text/html; charset=utf-8")
        #expect(response["Cache-Control"] == "no-cache")
        #expect(response["X-Content-Type-Options"] == "nosniff")
        #expect(response["X-Frame-Options"] == "DENY")
        #expect(response["Referrer-Policy"] == "no-referrer")
        #expect(response.text.hasPrefix("<!doctype html>"))
    }

    @Test
    func isCompressedUnderATagOfItsOwn() async throws {
        try await TestServer.with(nil) { server in
            let plain = try await server.get("/")
            let compressed = try await server.get("/", "Accept-Encoding: gzip")
            #expect(compressed["Content-Encoding"] == "gzip")
            #expect(compressed["Vary"] == "Accept-Encoding")
            #expect(compressed.body.count < plain.body.count / 2)
            #expect(compressed["ETag"] != plain["ETag"])
        }
    }

    @Test
    func isNotSentToWhoeverHasIt() async throws {
        try await TestServer.with(nil) { server in
            let tag = try #require(try await server.get("/")["ETag"])
            let again = try await server.get("/", "If-None-Match: \(tag)")
            #expect(again.status == 304)
            #expect(again["ETag"] == tag)
            #expect(again.body.isEmpty)
            #expect(try await server.get("/", "If-None-Match: \"other\"").status == 200)
        }
    }

    @Test
    func policyNamesTheHashesOfWhatIsServed() async throws {
        let response = try await TestServer.with(nil) { try await $0.get("/") }
        let policy = try #require(response["Content-Security-Policy"])
        let style = try #require(response.text.firstMatch(of: /<style>(.*?)<\/style>/.dotMatchesNewlines())).1
        let script = try #require(response.text.firstMatch(of: /<script>(.*?)<\/script>/.dotMatchesNewlines())).1
        for (directive, content) in [("style", style), ("script", script)] {
            let hash = Data(SHA256.hash(data: Data(content.utf8))).base64EncodedString()
            #expect(policy.contains("\(directive)-src 'sha256-\(hash)';"))
        }
        #expect(policy.contains("default-src 'none';"))
        #expect(!policy.contains("unsafe"))
    }

    @Test
    func hasOneStyleAndOneScriptAndNoAttributesOfEither() {
        let html = String(buffer: Page.dashboard.identity.body)
        #expect(html.matches(of: /<script/).count == 1)
        #expect(html.matches(of: /<style/).count == 1)
        #expect(html.firstMatch(of: /\s(style|on[a-z]+)="/) == nil)
        #expect(html.firstMatch(of: /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/) == nil)
    }

    @Test
    func asksNobodyElse() {
        let html = String(buffer: Page.dashboard.identity.body)
        let addresses = html.matches(of: /https?:\/\/[a-z0-9.]+/).map { String($0.output) }
        // The first is the name of a namespace, the second stands in a comment.
        #expect(Set(addresses) == ["http://www.w3.org", "https://html.spec.whatwg.org"])
    }
}
