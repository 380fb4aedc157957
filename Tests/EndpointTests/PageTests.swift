import Crypto
import Foundation
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
        #expect(response.body == PackageResources.dashboard_html)
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
    func policyNamesTheHashesAndNothingElse() throws {
        let page = Page(Array("<style>a {}</style><p>x</p><script>b()</script>".utf8))
        let hash = { (text: String) in Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString() }
        #expect(page.policy.contains("script-src 'sha256-\(hash("b()"))';"))
        #expect(page.policy.contains("style-src 'sha256-\(hash("a {}"))';"))
        #expect(page.policy.contains("default-src 'none';"))
        #expect(!page.policy.contains("unsafe"))
    }

    @Test
    func hasOneStyleAndOneScriptAndNoAttributesOfEither() {
        let html = String(decoding: PackageResources.dashboard_html, as: UTF8.self)
        #expect(html.matches(of: /<script/).count == 1)
        #expect(html.matches(of: /<style/).count == 1)
        #expect(html.firstMatch(of: /\s(style|on[a-z]+)="/) == nil)
        #expect(html.firstMatch(of: /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/) == nil)
    }

    @Test
    func asksNobodyElse() {
        let html = String(decoding: PackageResources.dashboard_html, as: UTF8.self)
        let addresses = html.matches(of: /https?:\/\/[a-z0-9.]+/).map { String($0.output) }
        // The first is the name of a namespace, the second stands in a comment.
        #expect(Set(addresses) == ["http://www.w3.org", "https://html.spec.whatwg.org"])
    }
}
