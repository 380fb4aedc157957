import Activity
import NIOPosix
import Pipeline
import RedisClient
import TestServers
import Testing

/// Against a Redis of its own, since some of these flush it.
@Suite(.serialized)
struct PublisherTests {
    private static let now = Timestamp(seconds: 1_700_000_000)

    @Test func writesEveryDocumentAsHTTPServesIt() async throws {
        try await withPublisher { publisher, redis in
            let snapshot = Self.snapshot(1)
            guard case .published = try await publisher.publish(snapshot) else {
                return #expect(Bool(false), "not published")
            }
            for publication in Publication.all(of: snapshot) {
                let value = try await redis.send(RedisCommand("GET", RedisArgument("activity:" + publication.name)))
                #expect(value == .string(publication.document.body(publication.selection)), "\(publication.name)")
            }
            let names = Set(Publication.all(of: snapshot).map(\.name))
            #expect(
                names.isSuperset(of: ["dashboard:7d", "collections:30d", "hourly:168h:create", "ips:7d", "alerts:1h"])
            )
            #expect(names.contains("user:\(Self.user):30d"))
        }
    }

    @Test func flipsTheGenerationAndAnnouncesIt() async throws {
        try await withPublisher { publisher, redis in
            var events = redis.subscribe(to: ["activity:refreshed"]).makeAsyncIterator()
            guard case .subscribed = try await events.next() else { return #expect(Bool(false), "not subscribed") }
            _ = try await publisher.publish(Self.snapshot(7))
            guard case .message(_, let payload) = try await events.next() else {
                return #expect(Bool(false), "silence")
            }
            #expect(payload == Array("7".utf8))
            let hash = try await redis.send(
                RedisCommand("HMGET", "activity:generation", "generation", "fence", "computedAt")
            )
            #expect(hash == .array([bulk("7"), bulk("7"), bulk("2023-11-14T22:13:20Z")]))
        }
    }

    @Test func refusesAGenerationThatIsNotNewer() async throws {
        try await withPublisher { publisher, redis in
            _ = try await publisher.publish(Self.snapshot(5))
            let paused = Publisher(redis, prefix: "activity:", timeToLive: { .seconds(60) })
            #expect(try await paused.publish(Self.snapshot(4)) == .superseded(by: 5))
            #expect(try await paused.publish(Self.snapshot(5)) == .superseded(by: 5))
        }
    }

    @Test func refusesALaterGenerationOfLessData() async throws {
        try await withPublisher { publisher, redis in
            _ = try await publisher.publish(Self.snapshot(5, fence: 9))
            let behind = Publisher(redis, prefix: "activity:", timeToLive: { .seconds(60) })
            #expect(try await behind.publish(Self.snapshot(6, fence: 8)) == .superseded(by: 5))
        }
    }

    @Test func writesOnlyWhatChanged() async throws {
        try await withPublisher { publisher, _ in
            let first = Self.snapshot(1)
            _ = try await publisher.publish(first)
            let same = Snapshot(
                Self.generation(2),
                of: Self.data(),
                windows: Windows(),
                after: first,
                change: .users([]),
            )
            #expect(try await publisher.publish(same) == .published(documents: 0, evicted: false))
        }
    }

    @Test(arguments: ["FLUSHALL", "SCRIPT FLUSH"])
    func writesEverythingAgainAfterRedisLost(command: String) async throws {
        try await withPublisher { publisher, redis in
            let first = Self.snapshot(1)
            _ = try await publisher.publish(first)
            let words = command.split(separator: " ").map(String.init)
            _ = try await redis.send(RedisCommand(words[0], words.dropFirst().map { RedisArgument($0) }))
            let next = Snapshot(
                Self.generation(2),
                of: Self.data(),
                windows: Windows(),
                after: first,
                change: .nothing,
            )
            guard case .published = try await publisher.publish(next) else {
                return #expect(Bool(false), "not published")
            }
            let dashboard = try await redis.send(RedisCommand("EXISTS", "activity:dashboard:7d"))
            #expect(dashboard == .integer(1))
        }
    }

    @Test func writesEvictedDocumentsWithTheNextGeneration() async throws {
        try await withPublisher { publisher, redis in
            var snapshot = Self.snapshot(1)
            _ = try await publisher.publish(snapshot)
            _ = try await redis.send(RedisCommand("DEL", "activity:ips:7d"))
            for number in 2...3 as ClosedRange<Int64> {
                let generation = Self.generation(number)
                snapshot = Snapshot(generation, of: Self.data(), windows: Windows(), after: snapshot, change: .nothing)
                _ = try await publisher.publish(snapshot)
            }
            #expect(try await redis.send(RedisCommand("EXISTS", "activity:ips:7d")) == .integer(1))
        }
    }

    /// The connection ends between two calls, as it does when another server takes over, and no call fails. That server
    /// may lack what the first calls wrote.
    @Test func writesEverythingAgainAfterAGenerationThatWentOverTwoConnections() async throws {
        try await withPublisher { publisher, redis in
            var snapshot = Self.snapshot(0)
            var hasChangedOver = false
            var number: Int64 = 1
            while !hasChangedOver {
                _ = try await publisher.publish(Self.snapshot(number))
                number += 1
                snapshot = Self.snapshot(number, events: number)
                hasChangedOver = try await Self.publishWhileConnectionEnds(publisher, snapshot, redis)
                number += 1
            }
            let key = RedisArgument("activity:user:\(Self.user):30d")
            _ = try await redis.send(RedisCommand("SET", key, "older"))
            let next = Snapshot(
                Self.generation(number),
                of: Self.data(events: number - 1),
                windows: Windows(),
                after: snapshot,
                change: .nothing,
            )
            _ = try await publisher.publish(next)
            let document = try #require(next.documents[.user(id: Self.user, days: 30)])
            #expect(try await redis.send(RedisCommand("GET", key)) == .string(document.body()))
        }
    }

    /// Publishes, and ends the connection between the first call and the second.
    ///
    /// - Returns: false when the second call was sent before the end was noticed, and failed.
    private static func publishWhileConnectionEnds(
        _ publisher: Publisher,
        _ snapshot: Snapshot,
        _ redis: RedisClient,
    ) async throws -> Bool {
        let other = RedisClient(redis.configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await other.run() }
            defer { group.cancelAll() }
            let id = try await redis.send(RedisCommand("CLIENT", "ID")).int ?? 0
            // The first call waits at the server, with the end of its connection right behind it.
            _ = try await other.send(RedisCommand("CLIENT", "PAUSE", "60000", "WRITE"))
            async let outcome = publisher.publish(snapshot)
            try await waits(id, "cmd=evalsha", other)
            async let end = redis.send(RedisCommand("CLIENT", "KILL", "ID", RedisArgument(id), "SKIPME", "no"))
            try await waits(id, "qbuf=[1-9]", other)
            _ = try await other.send(RedisCommand("CLIENT", "UNPAUSE"))
            _ = try await end
            do {
                guard case .published = try await outcome else { return false }
                return true
            } catch let error as RedisError where error.code == .connectionLost {
                return false
            }
        }
    }

    private static func waits(_ id: Int64, _ sign: String, _ redis: RedisClient) async throws {
        let pattern = try Regex(" \(sign)")
        try await eventually("client \(id) has \(sign)") {
            try await redis.send(RedisCommand("CLIENT", "LIST", "ID", RedisArgument(id))).text?.contains(pattern)
                == true
        }
    }

    @Test func renewsTheTimeToLiveOfWhatDidNotChange() async throws {
        try await withPublisher { publisher, redis in
            let first = Self.snapshot(1)
            _ = try await publisher.publish(first)
            _ = try await redis.send(RedisCommand("PEXPIRE", "activity:ips:7d", "1500"))
            let next = Snapshot(
                Self.generation(2),
                of: Self.data(),
                windows: Windows(),
                after: first,
                change: .nothing,
            )
            _ = try await publisher.publish(next)
            let left = try await redis.send(RedisCommand("PTTL", "activity:ips:7d")).int ?? 0
            #expect(left > 30_000 && left <= 60_000)
        }
    }

    @Test func clearsItsOwnDocumentsAndNothingElse() async throws {
        try await withPublisher { publisher, redis in
            let snapshot = Self.snapshot(1)
            _ = try await publisher.publish(snapshot)
            _ = try await redis.send(RedisCommand("SET", "activity:alerts:stream", "somebody else's"))
            try await publisher.clear(snapshot)
            #expect(try await redis.send(RedisCommand("KEYS", "*")) == .array([bulk("activity:alerts:stream")]))
        }
    }

    // MARK: - Support

    private static let user = "00000000-0000-0000-0000-00000000000a"

    private static func generation(_ number: Int64, fence: Int64? = nil) -> Generation {
        Generation(number: number, fence: fence ?? number, computedAt: now)
    }

    private static func data(events: Int64 = 3) -> ActivityData {
        var data = ActivityData()
        data.dimensions.collections.add("articles", code: 1)
        data.dimensions.actions.add("create", code: 1)
        data.dimensions.users.add(user, code: 1)
        data.dimensions.ips.add("203.0.113.7", code: 1)
        let fact = Fact(user: 1, ip: 1, collection: 1, action: 1, events: UInt32(events), lastOffset: 42)
        data.cube.replace(with: Segment(hour: now.hour, facts: [fact]))
        return data
    }

    private static func snapshot(_ number: Int64, fence: Int64? = nil, events: Int64 = 3) -> Snapshot {
        Snapshot(generation(number, fence: fence), of: data(events: events), windows: Windows())
    }

    private func withPublisher(_ body: (Publisher, RedisClient) async throws -> Void) async throws {
        let server = try await RedisServer.start()
        let redis = RedisClient(
            try RedisConfiguration(url: server.url),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await redis.run() }
            defer { group.cancelAll() }
            try await body(Publisher(redis, prefix: "activity:", timeToLive: { .seconds(60) }), redis)
        }
        await server.stop()
    }
}

private func bulk(_ text: String) -> RESPValue {
    .string(Array(text.utf8))
}
