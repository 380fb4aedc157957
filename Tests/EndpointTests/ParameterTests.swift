import Foundation
import Testing

@Suite("Parameters", .timeLimit(.minutes(2)))
struct ParameterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let target: String
        let detail: String

        init(_ target: String, _ detail: String) {
            self.target = "/api/activity/\(target)"
            self.detail = detail
        }

        var testDescription: String { target }
    }

    static let days = "accepted: whole numbers from 1 to 366"
    static let hours = "accepted: whole numbers from 1 to 744"
    static let positive = "accepted: whole numbers from 1"
    static let limit = "accepted: whole numbers from 1 to 1000"
    static let uuid = "accepted: UUIDs such as 6b1c6dd4-3c2f-4b6e-9a55-0d9f6f1f7a10"
    static let names = "accepted: names of 1 to 255 characters"
    static let statuses = "accepted: firing, pending, resolved, open, all"
    static let user = Fixture.users[0]

    static let refusals = [
        Case("dashboard?days=0", #"parameter "days" has the value "0"; \#(days)"#),
        Case("dashboard?days=367", #"parameter "days" has the value "367"; \#(days)"#),
        Case("dashboard?days=-1", #"parameter "days" has the value "-1"; \#(days)"#),
        Case("dashboard?days=%2B7", #"parameter "days" has the value "+7"; \#(days)"#),
        Case("dashboard?days=+7", #"parameter "days" has the value " 7"; \#(days)"#),
        Case("dashboard?days=7.0", #"parameter "days" has the value "7.0"; \#(days)"#),
        Case("dashboard?days=", #"parameter "days" has the value ""; \#(days)"#),
        Case("dashboard?days", #"parameter "days" has the value ""; \#(days)"#),
        Case(
            "dashboard?days=99999999999999999999",
            #"parameter "days" has the value "99999999999999999999"; \#(days)"#,
        ),
        Case("dashboard?days=%D9%A7", #"parameter "days" has the value "٧"; \#(days)"#),
        Case("dashboard?days=7&days=7", #"parameter "days" has the value "7", "7"; accepted: a single value"#),
        Case("dashboard?Days=7", #"parameter "Days" with the value "7" is unknown here; accepted: days, pretty"#),
        Case("dashboard?hours=7", #"parameter "hours" with the value "7" is unknown here; accepted: days, pretty"#),
        Case("dashboard?=7", #"parameter "" with the value "7" is unknown here; accepted: days, pretty"#),
        Case("dashboard?x=%22%0A", "parameter \"x\" with the value \"\"\n\" is unknown here; accepted: days, pretty"),
        Case("dashboard?days=%", #"parameter "days" has the value "%"; accepted: UTF-8, percent-encoded"#),
        Case("dashboard?days=%4", #"parameter "days" has the value "%4"; accepted: UTF-8, percent-encoded"#),
        Case("dashboard?days=%4g", #"parameter "days" has the value "%4g"; accepted: UTF-8, percent-encoded"#),
        Case("dashboard?%zz=1", #"parameter "%zz" has the value "1"; accepted: names in UTF-8, percent-encoded"#),
        Case("collections?days=1000", #"parameter "days" has the value "1000"; \#(days)"#),
        Case("actions?days=x", #"parameter "days" has the value "x"; \#(days)"#),
        Case("actions?collection=", #"parameter "collection" has the value ""; \#(names)"#),
        Case(
            "actions?collection=%FF",
            #"parameter "collection" has the value "%FF"; accepted: UTF-8, percent-encoded"#,
        ),
        Case(
            "actions?limit=1",
            #"parameter "limit" with the value "1" is unknown here; accepted: days, collection, pretty"#,
        ),
        Case("hourly?hours=0", #"parameter "hours" has the value "0"; \#(hours)"#),
        Case("hourly?hours=745", #"parameter "hours" has the value "745"; \#(hours)"#),
        Case("hourly?action=", #"parameter "action" has the value ""; \#(names)"#),
        Case("hourly?action=a&action=b", #"parameter "action" has the value "a", "b"; accepted: a single value"#),
        Case("ips?minActivity=0", #"parameter "minActivity" has the value "0"; \#(positive)"#),
        Case(
            "ips?minActivity=9223372036854775808",
            #"parameter "minActivity" has the value "9223372036854775808"; \#(positive)"#,
        ),
        Case("ips?limit=0", #"parameter "limit" has the value "0"; \#(limit)"#),
        Case("ips?limit=1001", #"parameter "limit" has the value "1001"; \#(limit)"#),
        Case("ips?days=0", #"parameter "days" has the value "0"; \#(days)"#),
        Case("users?limit=1001", #"parameter "limit" has the value "1001"; \#(limit)"#),
        Case(
            "users?minActivity=2",
            #"parameter "minActivity" with the value "2" is unknown here; accepted: days, limit, pretty"#,
        ),
        Case("users/\(user)?days=0", #"parameter "days" has the value "0"; \#(days)"#),
        Case(
            "users/\(user)?userId=x",
            #"parameter "userId" with the value "x" is unknown here; accepted: days, pretty"#,
        ),
        Case("users/me", #"parameter "userId" has the value "me"; \#(uuid)"#),
        Case("users/", #"parameter "userId" has the value ""; \#(uuid)"#),
        Case("users/%ZZ", #"parameter "userId" has the value "%ZZ"; \#(uuid)"#),
        Case("users/\(user)0", #"parameter "userId" has the value "\#(user)0"; \#(uuid)"#),
        Case(
            "users/0000000000004000800000000000000001",
            #"parameter "userId" has the value "0000000000004000800000000000000001"; \#(uuid)"#,
        ),
        Case(
            "users/g0000000-0000-4000-8000-000000000001",
            #"parameter "userId" has the value "g0000000-0000-4000-8000-000000000001"; \#(uuid)"#,
        ),
        Case("security/alerts?hours=745", #"parameter "hours" has the value "745"; \#(hours)"#),
        Case("security/alerts?threshold=0", #"parameter "threshold" has the value "0"; \#(positive)"#),
        Case("alerts?status=new", #"parameter "status" has the value "new"; \#(statuses)"#),
        Case("alerts?status=", #"parameter "status" has the value ""; \#(statuses)"#),
        Case("alerts?after=-1", #"parameter "after" has the value "-1"; accepted: whole numbers from 0"#),
        Case("alerts?limit=1001", #"parameter "limit" has the value "1001"; \#(limit)"#),
        Case("alerts/stream?after=x", #"parameter "after" has the value "x"; accepted: whole numbers from 0"#),
        Case(
            "alerts/stream?pretty=1",
            #"parameter "pretty" with the value "1" is unknown here; accepted: after"#,
        ),
        Case("dashboard?pretty=yes", #"parameter "pretty" has the value "yes"; accepted: 1, 0, true, false"#),
        Case(
            "security/alerts?days=1",
            #"parameter "days" with the value "1" is unknown here; accepted: hours, threshold, pretty"#,
        ),
    ]

    @Test(arguments: refusals)
    func isRefusedByNameWithWhatIsAccepted(_ example: Case) async throws {
        let response = try await TestServer.with { try await $0.get(example.target) }
        #expect(response.status == 400)
        #expect(response["Content-Type"] == "application/problem+json")
        let problem = try response.json
        #expect(problem["detail"] as? String == example.detail)
        #expect(problem["error"] as? String == example.detail)
        #expect(problem["success"] as? Bool == false)
        #expect(problem["type"] as? String == "about:blank")
        #expect(problem["title"] as? String == "Bad Request")
        #expect(problem["status"] as? Int == 400)
        #expect(problem["requestId"] as? String == response["X-Request-Id"])
    }

    @Test(arguments: [
        ("/livez", "no parameters"), ("/readyz", "no parameters"), ("/api/health", "pretty"),
        ("/api/cache/stats", "pretty"), ("/openapi.json", "pretty"), ("/api/activity/alerts/stream", "after"),
    ])
    func isRefusedWhereItIsUnknown(_ path: String, accepted: String) async throws {
        let response = try await TestServer.with { try await $0.get("\(path)?x=1") }
        #expect(response.status == 400)
        let detail = #"parameter "x" with the value "1" is unknown here; accepted: \#(accepted)"#
        #expect(try response.json["detail"] as? String == detail)
    }

    @Test
    func isCutWhenItIsLong() async throws {
        let value = String(repeating: "7", count: 4000)
        let response = try await TestServer.with { try await $0.get("/api/activity/dashboard?days=\(value)") }
        let shown = String(repeating: "7", count: 80)
        #expect(
            try response.json["detail"] as? String == #"parameter "days" has the value "\#(shown)…"; \#(Self.days)"#
        )
    }

    @Test(arguments: [
        "/api", "/api/activity", "/api/activity/dashboard/", "//livez", "/api/activity/users/a/b", "*", "x",
    ])
    func isNotLookedAtOnUnknownPaths(_ path: String) async throws {
        let response = try await TestServer.with { try await $0.get(path) }
        #expect(response.status == 404 || response.status == 400)
        #expect(response["Content-Type"] == "application/problem+json")
        #expect(try response.json["success"] as? Bool == false)
    }
}
