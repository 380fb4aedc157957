import Activity
import NIOHTTP1
import Testing

@testable import Endpoint

@Suite("Rate limits", .timeLimit(.minutes(1)))
struct RateLimitTests {
    private static let target = "/api/activity/dashboard"

    private static let rules = AccessRules.with {
        $0.requestsPerMinute = PerScope(all: 3)
        _ = $0.proxies.proxies.add("127.0.0.1")
    }

    @Test
    func sayWhatIsLeftAndWhenThereIsMore() async throws {
        try await TestServer.with(configure: { $0.rules = Self.rules }) { server in
            try await server.connect { connection in
                for left in [2, 1, 0] {
                    let response = try await connection.get(Self.target)
                    #expect(response.status == 200)
                    #expect(response["RateLimit-Policy"] == "\"read\";q=3;w=60")
                    #expect(response["RateLimit"] == "\"read\";r=\(left);t=\((3 - left) * 20)")
                }
                let refused = try await connection.get(Self.target)
                #expect(refused.status == 429)
                #expect(refused["Retry-After"] == "20")
                #expect(refused["RateLimit"] == "\"read\";r=0;t=60")
                #expect(refused["Content-Type"] == "application/problem+json")
                #expect(try refused.json["detail"] as? String == "too many requests for read; accepted: 3 in a minute")
                server.clock.set(server.clock.now.advanced(seconds: 20))
                for status in [200, 429] {
                    let again = try await connection.get(Self.target)
                    #expect(again.status == status)
                }
            }
        }
    }

    @Test
    func countEachAddressAndEachScopeAlone() async throws {
        try await TestServer.with(configure: { $0.rules = Self.rules }) { server in
            let clients = ["192.0.2.1", "192.0.2.2", "2001:db8:0:1::1", "2001:db8:0:2::1"]
            for client in clients {
                for status in [200, 200, 200, 429] {
                    #expect(try await server.get(Self.target, "X-Forwarded-For: \(client)").status == status)
                }
            }
            // The same /64.
            #expect(try await server.get(Self.target, "X-Forwarded-For: 2001:db8:0:1:ffff::9").status == 429)
            let warm = try await server.get("/api/cache/warm", method: "POST", "X-Forwarded-For: 192.0.2.1")
            #expect(warm.status == 200)
            #expect(warm["RateLimit"] == "\"admin\";r=2;t=20")
        }
    }

    @Test
    func countEachHolderOfATokenWhereverHeIs() async throws {
        let tokens = Tokens()
        try await TestServer.with(access: tokens.access, configure: { $0.rules = Self.rules }) { server in
            let statuses = [("1", 200), ("2", 200), ("3", 200), ("4", 429)]
            for (client, status) in statuses {
                let bearer = "Authorization: Bearer \(tokens.reader.text)"
                let response = try await server.get(Self.target, bearer, "X-Forwarded-For: 192.0.2.\(client)")
                #expect(response.status == status)
            }
            let other = try await server.get(Self.target, "Authorization: Bearer \(tokens.admin.text)")
            #expect(other["RateLimit"] == "\"read\";r=2;t=20")
        }
    }

    @Test(arguments: [
        ("POST", "/api/jobs/nosuch/run", "admin", 404), ("POST", "/api/cache/warm", "admin", 503),
        ("GET", "/api/activity/dashboard?days=0", "read", 400),
        ("GET", "/api/activity/users/\(Fixture.unknownUser)", "read", 404),
    ])
    func areSaidOfErrorsThatWereCounted(_ method: String, target: String, policy: String, status: Int) async throws {
        struct Broken: Error {}
        var actions = EndpointActions.idle
        actions.runJob = { _ in .unknown(known: []) }
        actions.warmCache = { throw Broken() }
        try await TestServer.with(actions: actions, configure: { $0.rules = Self.rules }) { server in
            let response = try await server.get(target, method: method)
            #expect(response.status == status)
            #expect(response["RateLimit"] == "\"\(policy)\";r=2;t=20")
        }
    }

    @Test
    func leaveHealthAlone() async throws {
        try await TestServer.with(configure: { $0.rules = Self.rules }) { server in
            for _ in 1...5 {
                let response = try await server.get("/livez")
                #expect(response.status == 200)
                #expect(response["RateLimit"] == nil)
            }
        }
    }

    @Test
    func areOffByDefault() async throws {
        let response = try await TestServer.with { try await $0.get(Self.target) }
        #expect(response.status == 200)
        #expect(response["RateLimit"] == nil)
    }

    @Test
    func refusedTokensAreCountedButGoodOnesGoOn() async throws {
        let tokens = Tokens()
        try await TestServer.with(access: tokens.access) { server in
            try await server.connect { connection in
                let bad = "Authorization: Bearer \(tokens.stranger.text)"
                for _ in 1...10 { #expect(try await connection.get(Self.target, bad).status == 401) }
                let refused = try await connection.get(Self.target, bad)
                #expect(refused.status == 429)
                #expect(refused["Retry-After"] == "6")
                #expect(refused["RateLimit-Policy"] == "\"failures\";q=10;w=60")
                #expect(try await connection.get(Self.target).status == 401)
                let good = "Authorization: Bearer \(tokens.reader.text)"
                #expect(try await connection.get(Self.target, good).status == 200)
                server.clock.set(server.clock.now.advanced(seconds: 6))
                #expect(try await connection.get(Self.target, bad).status == 401)
                #expect(try await connection.get(Self.target, bad).status == 429)
            }
        }
    }
}

@Suite("Token buckets")
struct TokenBucketTests {
    private let start = Fixture.computedAt

    @Test(arguments: [1, 3, 7, 60, 1_000_000])
    func giveTheirLimitAtOnceAndThenAsTimePasses(_ limit: Int) {
        var bucket = TokenBucket(at: start)
        var taken = empty(&bucket, of: limit, at: start)
        #expect(taken == limit)
        for second in 1...120 where bucket.take(of: limit, at: start.advanced(seconds: Int64(second))) { taken += 1 }
        #expect(taken == limit + min(limit * 2, 120))
    }

    /// Takes all there is.
    private func empty(_ bucket: inout TokenBucket, of limit: Int, at moment: Timestamp) -> Int {
        var taken = 0
        while bucket.take(of: limit, at: moment) { taken += 1 }
        return taken
    }

    @Test
    func fillUpAndNoFurther() {
        var bucket = TokenBucket(at: start)
        let first = empty(&bucket, of: 5, at: start)
        let later = start.advanced(seconds: 3600)
        #expect(bucket.level(of: 5, at: later) == .init(remaining: 5, secondsToFull: 0, secondsToNext: 0))
        let second = empty(&bucket, of: 5, at: later)
        #expect(bucket.level(of: 5, at: later) == .init(remaining: 0, secondsToFull: 60, secondsToNext: 12))
        #expect([first, second] == [5, 5])
    }

    @Test
    func surviveAClockThatIsSetBack() {
        var bucket = TokenBucket(at: start)
        let before = start.advanced(seconds: -3600)
        let taken = [empty(&bucket, of: 5, at: start), empty(&bucket, of: 5, at: before)]
        #expect(taken == [5, 5])
    }
}

@Suite("Tables of what was used lately")
struct RecentTableTests {
    @Test
    func forgetWhatWasNotUsedTheLongest() {
        var table = RecentTable<Int, Int>(maximumCount: 10)
        for key in 1...1000 {
            table.update(key, default: 0) { $0 += 1 }
            // Used again and again, so never forgotten.
            table.update(0, default: 0) { $0 += 1 }
            let uses = table.update(0, default: 0) { $0 }
            #expect(uses == key)
            #expect(table.count <= 10)
        }
        let newest = (997...1000).map { key in table.update(key, default: 0) { $0 } }
        #expect(newest == [1, 1, 1, 1])
        let oldest = table.update(1, default: 0) { $0 }
        #expect(oldest == 0)
    }
}
