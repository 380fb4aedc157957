import Foundation
import NIOPosix
import PostgresClient
import RedisClient
import TestServers
import Testing

/// Daemons that are killed while they relay, beside a Redis that fails in every way there is.
///
/// With `ACTIVITYD_CHAOS=full` there are 100,000 events at the beginning and a hundred kills, which takes minutes.
@Suite(.timeLimit(.minutes(30)))
struct AlertChaosTests {
    private struct Size {
        /// Events that are there at the beginning.
        var events = 10_000
        /// Events that come before each kill.
        var arriving = 500
        var kills = 12
        /// Kills from one trouble to the next.
        var pause = 2

        static let full = Size(events: 100_000, arriving: 500, kills: 100, pause: 8)
        static let chosen = ProcessInfo.processInfo.environment["ACTIVITYD_CHAOS"] == "full" ? full : Size()
    }

    @Test func relaysEachEventOnceWhateverIsKilled() async throws {
        let size = Size.chosen
        let began = ContinuousClock.now
        try await SentinelGroup.with(options: ["--appendonly", "yes"]) { group in
            let chaos = try await AlertChaos(group)
            try await chaos.write(size.events)
            var troubles = [AlertChaos.Trouble]()
            while chaos.kills.all < size.kills {
                try await chaos.write(size.arriving)
                if chaos.kills.all % size.pause == 0 {
                    if troubles.isEmpty { troubles = AlertChaos.Trouble.allCases.reversed() }
                    if let trouble = troubles.popLast() { try await chaos.cause(trouble) }
                }
                if chaos.kills.all % 2 == 0 {
                    try await chaos.progress()
                } else {
                    // Any moment is right, such as one while the daemon starts.
                    try await Task.sleep(for: .milliseconds(.random(in: 0...200)))
                }
                try await chaos.kill()
            }
            try await check(chaos, since: began)
        }
    }

    private func check(_ chaos: AlertChaos, since began: ContinuousClock.Instant) async throws {
        try await waitUntilWhole(chaos)
        for daemon in chaos.daemons { #expect(await daemon.terminate() == 0) }
        let stream = try await Self.stream(chaos.group.currentMaster())
        let ids = stream.map(\.id)
        let written = try await chaos.numbered()
        let missing = Set(written.prefix(Int(try await chaos.delivered()))).subtracting(ids).count
        let duplicates = ids.count - Set(ids).count
        let isNumberedInOrder = try await chaos.isNumberedInOrder()
        let isOrdered = isNumberedInOrder && ids == Array(written.prefix(ids.count))
        if Size.chosen.kills == Size.full.kills {
            print(
                """
                chaos: \(ids.count) events, \(chaos.kills.all) kills of daemons (\(chaos.kills.whileEventsWaited) while \
                events waited), Redis \(chaos.troubles.map { "\($0)" }.joined(separator: ", ")), \
                \(began.duration(to: .now)): \(missing) missing, \(duplicates) duplicate, \
                order \(isOrdered ? "kept" : "lost")
                """
            )
        }
        #expect(missing == 0)
        #expect(duplicates == 0)
        #expect(isOrdered)
        #expect(stream.map(\.sequence) == Array(1...Int64(stream.count)))
        #expect(stream.count >= chaos.written)
        await chaos.client.close()
    }

    /// Daemons add alerts about themselves meanwhile, such as about jobs that nobody ran in time.
    private func waitUntilWhole(_ chaos: AlertChaos) async throws {
        do {
            try await eventually("everything is delivered and in the stream", within: .seconds(120)) {
                let delivered = try await chaos.delivered()
                let end = try await chaos.endOfStream()
                return delivered >= chaos.written && end >= delivered
            }
            for daemon in chaos.daemons {
                try await daemon.waitUntilReady()
                try await eventually("health says so") {
                    let last = try await daemon.member("lastSequence", of: "alerts") as? Int
                    let pending = try await daemon.member("pending", of: "alerts") as? Int
                    let delivered = try await chaos.delivered()
                    return last == Int(delivered) && pending == 0
                }
            }
        } catch {
            Issue.record("\(await chaos.situation())")
            throw error
        }
    }

    private struct Entry {
        let sequence: Int64
        /// Of the event.
        let id: String

        init?(_ reply: RESPValue) {
            guard let parts = reply.elements, parts.count == 2, let number = parts[0].text, number.hasSuffix("-0"),
                let sequence = Int64(number.dropLast(2)), let event = parts[1].elements?.last?.text,
                let id = event.firstMatch(of: /"id":"([^"]+)"/)
            else { return nil }
            self.sequence = sequence
            self.id = String(id.1)
        }
    }

    private static func stream(_ server: RedisServer) async throws -> [Entry] {
        let redis = RedisClient(
            try RedisConfiguration(url: server.url),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await redis.run() }
            defer { group.cancelAll() }
            var entries: [Entry] = []
            while true {
                let start = RedisArgument("(\(entries.last?.sequence ?? 0)-0")
                let reply = try await redis.send(
                    RedisCommand("XRANGE", "activity:alerts:stream", start, "+", "COUNT", "10000")
                )
                guard let elements = reply.elements, !elements.isEmpty else { return entries }
                entries += try elements.map { try #require(Entry($0)) }
            }
        }
    }
}
