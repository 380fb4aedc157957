import Activity
import Testing

@Suite("Conditional requests", .timeLimit(.minutes(1)))
struct ConditionalRequestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let fields: [String]
        let isFresh: Bool

        var testDescription: String { fields.joined(separator: " · ") }
    }

    static func fresh(_ fields: String...) -> Case { Case(fields: fields, isFresh: true) }
    static func stale(_ fields: String...) -> Case { Case(fields: fields, isFresh: false) }

    static let cases = [
        fresh(#"If-None-Match: "812""#),
        fresh(#"If-None-Match: W/"812""#),
        fresh(#"If-None-Match: *"#),
        fresh(#"If-None-Match: "1", "812""#),
        fresh(#"If-None-Match: "1,812", W/"812""#),
        fresh(#"If-None-Match: "1","2" ,, "812", "3""#),
        fresh(#"If-None-Match: "1""#, #"If-None-Match: "812""#),
        fresh(#"If-None-Match: "812-gzip""#, "Accept-Encoding: gzip"),
        fresh(#"If-None-Match: "812""#, "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"),
        stale(#"If-None-Match: "811""#),
        stale(#"If-None-Match: 812"#),
        stale(#"If-None-Match: "812"#),
        stale(#"If-None-Match: "81"2""#),
        stale(#"If-None-Match: "1,"812"#),
        stale(#"If-None-Match: "#),
        stale(#"If-None-Match: w/"812""#),
        stale(#"If-None-Match: "812-gzip""#),
        stale(#"If-None-Match: "812""#, "Accept-Encoding: gzip"),
        stale(#"If-None-Match: "811""#, "If-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT"),
        fresh("If-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT"),
        stale("If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"),
        stale("If-Modified-Since: Fri, 31 Dec 2100"),
        stale("If-Modified-Since: tomorrow"),
        stale("If-Modified-Since: Fri, 31 Dez 2100 00:00:00 GMT"),
        stale("If-Modified-Since: Fri, 31 Dec 2100 00:00:00 CET"),
    ]

    @Test(arguments: cases)
    func answers304WhenTheReaderHasIt(_ example: Case) async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                for method in ["GET", "HEAD"] {
                    let lines = ["\(method) /api/activity/dashboard HTTP/1.1", "Host: test"] + example.fields
                    try await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
                    let response = try await connection.response(to: method)
                    #expect(response.status == (example.isFresh ? 304 : 200))
                    #expect(response["ETag"]?.hasPrefix("\"812") == true)
                    for name in ["Cache-Control", "Vary", "Date", "Age", "Last-Modified"] {
                        #expect(response[name] != nil, "\(name) is missing")
                    }
                    if example.isFresh { #expect(response["Content-Length"] == nil) }
                }
                #expect(try await connection.get("/livez").text == "ok")
            }
        }
    }

    @Test
    func lastModifiedComesBackAsIfModifiedSince() async throws {
        try await TestServer.with { server in
            let first = try await server.get("/api/activity/dashboard")
            let modified = try #require(first["Last-Modified"])
            let second = try await server.get("/api/activity/dashboard", "If-Modified-Since: \(modified)")
            #expect(second.status == 304)
        }
    }

    @Test
    func theTagOutlivesGenerationsThatChangeNothing() async throws {
        try await TestServer.with { server in
            let first = Fixture.snapshot(generation: 1, changing: false)
            server.snapshots.replace(with: first)
            #expect(try await server.get("/api/activity/dashboard")["ETag"] == "\"1\"")
            server.snapshots.replace(with: Fixture.snapshot(generation: 2, after: first, changing: false))
            let response = try await server.get("/api/activity/dashboard", #"If-None-Match: "1""#)
            #expect(response.status == 304)
            server.snapshots.replace(with: Fixture.snapshot(generation: 3, after: first))
            #expect(try await server.get("/api/activity/dashboard", #"If-None-Match: "1""#).status == 200)
        }
    }

    /// It once was another in each generation, so that whoever polled a window that is not rendered ahead got no 304.
    @Test
    func theTagOfAComputedDocumentOutlivesGenerationsThatChangeNothing() async throws {
        try await TestServer.with { server in
            let target = "/api/activity/dashboard?days=13"
            for (generation, changes, tag) in [
                (1, false, 1), (2, false, 1), (3, false, 1), (4, true, 4), (5, true, 5),
            ] {
                let snapshot = Fixture.snapshot(generation: Int64(generation), changing: changes)
                server.snapshots.replace(with: snapshot)
                for _ in 0..<3 {
                    let response = try await server.get(target)
                    #expect(response["ETag"] == "\"\(tag)\"")
                }
            }
        }
    }

    @Test
    func theTagOfAComputedDocumentIsItsGeneration() async throws {
        let response = try await TestServer.with { try await $0.get("/api/activity/dashboard?days=13") }
        #expect(response["ETag"] == "\"812\"")
    }
}
