import Foundation
import Testing

@testable import Endpoint

@Suite("Layout of JSON", .timeLimit(.minutes(1)))
struct JSONLayoutTests {
    @Test(arguments: [
        ("{}", "{}\n"), ("[]", "[]\n"), ("7", "7\n"), (#"{"a":1}"#, "{\n  \"a\": 1\n}\n"),
        (
            #"{"a":[1,{"b":[]},{}],"c":"}"}"#,
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    },\n    {}\n  ],\n  \"c\": \"}\"\n}\n",
        ),
        (#"["\"[,:{\\"," x "]"#, "[\n  \"\\\"[,:{\\\\\",\n  \" x \"\n]\n"),
        ("{ \"a\" :\t[ ] }", "{\n  \"a\": []\n}\n"),
        ("]]}", "\n]\n]\n}\n"),
    ])
    func isOneMemberALine(_ json: String, indented: String) {
        #expect(String(decoding: JSONLayout.indented.applied(to: Array(json.utf8)), as: UTF8.self) == indented)
        #expect(JSONLayout.compact.applied(to: Array(json.utf8)) == Array(json.utf8))
    }

    static let targets = [
        "/api/activity/dashboard", "/api/activity/collections", "/api/activity/actions?collection=articles",
        "/api/activity/hourly", "/api/activity/ips?limit=3", "/api/activity/users",
        "/api/activity/users/\(Fixture.users[0])", "/api/activity/security/alerts", "/api/activity/alerts",
        "/api/health", "/openapi.json",
    ]

    @Test(arguments: targets)
    func isThatOfPeopleWhenTheyAsk(_ target: String) async throws {
        let mark = target.contains("?") ? "&" : "?"
        try await TestServer.with { server in
            let compact = try await server.get(target)
            let indented = try await server.get("\(target)\(mark)pretty=1")
            #expect(indented.status == 200)
            #expect(indented.text.hasPrefix("{\n  \"") && indented.text.hasSuffix("\n}\n"))
            #expect(indented["Content-Length"] == String(indented.body.count))
            #expect(try NSDictionary(dictionary: indented.json) == NSDictionary(dictionary: compact.json))
            for off in ["pretty=0", "pretty=false"] {
                #expect(try await server.get("\(target)\(mark)\(off)").body == compact.body)
            }
        }
    }

    @Test
    func isPartOfAnAnswersIdentity() async throws {
        try await TestServer.with { server in
            let path = "/api/activity/users"
            let compact = try await server.get(path, "Accept-Encoding: gzip")
            let indented = try await server.get("\(path)?pretty", "Accept-Encoding: gzip")
            #expect(compact["ETag"] == "\"812-gzip\"")
            #expect(indented["ETag"] == "\"812-pretty-gzip\"")
            #expect(try await server.get("\(path)?pretty=1")["ETag"] == "\"812-pretty\"")
            let stale = try await server.get("\(path)?pretty=1", "If-None-Match: \"812\"")
            #expect(stale.status == 200)
            #expect(try await server.get("\(path)?pretty=1", "If-None-Match: \"812-pretty\"").status == 304)
        }
    }

    @Test
    func ofErrorsIsForPeople() async throws {
        let response = try await TestServer.with { try await $0.get("/nothing") }
        #expect(response.text.hasPrefix("{\n  \"type\": \"about:blank\",\n"))
        #expect(response.text.hasSuffix("\n}\n"))
    }
}
