import Activity
import Foundation
import NIOCore
import TestServers
import Testing

@testable import Endpoint

@Suite("Content coding", .timeLimit(.minutes(1)))
struct ContentCodingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let fields: [String]
        let coding: ContentCoding

        var testDescription: String { fields.joined(separator: " · ") }
    }

    static func gzip(_ fields: String...) -> Case { Case(fields: fields, coding: .gzip) }
    static func identity(_ fields: String...) -> Case { Case(fields: fields, coding: .identity) }

    static let cases = [
        gzip("gzip"),
        gzip("GZIP"),
        gzip("x-gzip"),
        gzip("deflate, gzip, br"),
        gzip("gzip;q=0.001"),
        gzip("gzip ; q=0.5 , identity;q=0.4"),
        gzip("gzip;Q=1.000"),
        gzip("gzip;q=1."),
        gzip("*"),
        gzip("*;q=0.1"),
        gzip("br, *;q=0.1"),
        gzip("identity;q=0, gzip"),
        gzip("identity;q=0, *"),
        gzip("identity, gzip"),
        gzip("*;q=0, gzip"),
        gzip("br", "gzip"),
        identity(),
        identity(""),
        identity("br, deflate"),
        identity("identity"),
        identity("gzip;q=0"),
        identity("gzip;q=0.000"),
        identity("gzip;q=0, *"),
        identity("*;q=0"),
        identity("identity;q=0"),
        identity("identity;q=0, gzip;q=0"),
        identity("gzip;q=0.4, identity;q=0.5"),
        identity("gzip;q=2"),
        identity("gzip;q=1.001"),
        identity("gzip;q=0.1234"),
        identity("gzip;q=-1"),
        identity("gzip;q="),
        identity("gzip;level=9"),
        identity("gzip;q=1;level=9"),
        identity(";q=1"),
        identity("gzipped"),
    ]

    @Test(arguments: cases)
    func isWhatTheReaderPrefers(_ example: Case) {
        #expect(ContentCoding.preferred(by: example.fields) == example.coding)
    }

    @Test(arguments: cases)
    func isServedAsPreferred(_ example: Case) async throws {
        let response = try await TestServer.with { server in
            try await server.connect { connection in
                let fields = example.fields.map { "Accept-Encoding: \($0)" }
                let lines = ["GET /api/activity/dashboard HTTP/1.1", "Host: test"] + fields
                try await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
                return try await connection.response()
            }
        }
        #expect(response["Content-Encoding"] == (example.coding == .gzip ? "gzip" : nil))
        #expect(response["ETag"] == (example.coding == .gzip ? "\"812-gzip\"" : "\"812\""))
    }

    @Test(arguments: ["/api/activity/dashboard", "/api/activity/hourly?hours=744", "/api/activity/ips?days=13"])
    func unpacksToTheSameBytes(_ target: String) async throws {
        let (identity, first, second) = try await TestServer.with { server in
            (
                try await server.get(target), try await server.get(target, "Accept-Encoding: gzip"),
                try await server.get(target, "Accept-Encoding: gzip"),
            )
        }
        #expect(first["Content-Encoding"] == "gzip")
        #expect(first.body == second.body)
        #expect(first.body.count < identity.body.count)
        #expect(try await unpacked(first.body) == identity.body)
    }

    @Test
    func isIdentityForSmallBodies() async throws {
        let target = "/api/activity/ips?minActivity=1000000"
        let response = try await TestServer.with { try await $0.get(target, "Accept-Encoding: gzip") }
        #expect(response["Content-Encoding"] == nil)
        #expect(response["ETag"] == "\"812\"")
        #expect(response["Vary"] == "Accept-Encoding")
    }

    @Test
    func headSaysTheLengthOfTheCompressedBody() async throws {
        try await TestServer.with { server in
            let get = try await server.get("/api/activity/dashboard", "Accept-Encoding: gzip")
            let head = try await server.get("/api/activity/dashboard", method: "HEAD", "Accept-Encoding: gzip")
            #expect(head["Content-Length"] == String(get.body.count))
            #expect(head["Content-Encoding"] == "gzip")
        }
    }

    @Test(arguments: ["/openapi.json", "/openapi.json?pretty", "/api/activity/alerts?after=0"])
    func answersOtherThanDocumentsAreCompressedToo(_ target: String) async throws {
        let store = AlertStore()
        store.add(100)
        try await TestServer.with(actions: store.actions) { server in
            let identity = try await server.get(target)
            let gzip = try await server.get(target, "Accept-Encoding: gzip")
            let head = try await server.get(target, method: "HEAD", "Accept-Encoding: gzip")
            #expect(identity["Content-Encoding"] == nil)
            #expect(gzip.body.count < identity.body.count / 2)
            #expect(try await unpacked(gzip.body) == identity.body)
            for response in [gzip, head] {
                #expect(response["Content-Encoding"] == "gzip")
                #expect(response["Content-Length"] == String(gzip.body.count))
            }
            for response in [identity, gzip, head] { #expect(response["Vary"] == "Accept-Encoding") }
        }
    }

    @Test
    func answersThatAreSmallLargeOrErrorsStayPlain() async throws {
        let store = AlertStore()
        store.add(alert: "{\"status\":\"firing\",\"text\":\"\(String(repeating: "a", count: 256 << 10))\"}")
        let name = String(repeating: "a", count: 70)
        var actions = store.actions
        actions.runJob = { _ in .unknown(known: (1...30).map { "\(name)\($0)" }) }
        try await TestServer.with(actions: actions) { server in
            for (method, target) in [
                ("GET", "/api/activity/alerts"), ("GET", "/livez"), ("POST", "/api/jobs/none/run"),
            ] {
                let response = try await server.get(target, method: method, "Accept-Encoding: gzip")
                #expect(response["Content-Encoding"] == nil)
                #expect(response["Vary"] == nil)
                #expect(response["Content-Length"] == String(response.body.count))
            }
        }
    }

    @Test
    func curlUnderstandsIt() async throws {
        let expected = try DocumentRouteTests.body(of: .init(.hourly(action: nil), .newest(hours: 744)))
        try await TestServer.with { server in
            let port = try #require(try await server.endpoint.localAddress.port)
            let url = "http://127.0.0.1:\(port)/api/activity/hourly?hours=744"
            #expect(try await Subprocess.output(of: ["curl", "-sS", "--compressed", url]) == expected)
            // The first request asks for an upgrade, which is declined; the second must be answered all the same.
            let both = try await Subprocess.output(of: ["curl", "-sS", "--http2", url, url])
            #expect(both == expected + expected)
        }
    }
}

/// What `gzip -d` makes of some bytes.
private func unpacked(_ bytes: [UInt8]) async throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appending(path: "activityd-\(UUID().uuidString).gz")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try await Subprocess.output(of: ["gzip", "-dc", file.path])
}
