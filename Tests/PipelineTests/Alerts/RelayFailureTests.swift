import Pipeline
import TestServers
import Testing

/// While Redis and PostgreSQL fail.
struct RelayFailureTests {
    /// What is done to a server, and how it is mended.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        let begin: String
        let end: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Refusal(name: "OOM", begin: "CONFIG SET maxmemory 1", end: "CONFIG SET maxmemory 0"),
        Refusal(name: "READONLY", begin: "REPLICAOF 127.0.0.1 1", end: "REPLICAOF NO ONE"),
        Refusal(
            name: "NOREPLICAS",
            begin: "CONFIG SET min-replicas-to-write 1",
            end: "CONFIG SET min-replicas-to-write 0",
        ),
    ])
    func goesOnOnceRedisTakesWritesAgain(refusal: Refusal) async throws {
        try await AlertSetting.with { setting in
            try await setting.write(10)
            try await setting.waitUntilDelivered(10)
            try await setting.redis(refusal.begin)
            try await setting.write(1000)
            try await eventually("it fails more than once") { setting.observations.failures.count >= 3 }
            #expect(setting.observations.failures.allSatisfy { $0.contains(refusal.name) })
            #expect(setting.observations.lastBacklog?.count == 1000)
            #expect(try await setting.delivered() == 10)
            try await setting.redis(refusal.end)
            try await setting.waitUntilDelivered(1010)
            #expect(try await setting.sequences() == Array(1...1010))
            try await eventually("all are heard") { setting.listener.sequences.count >= 1010 }
            #expect(setting.listener.sequences == Array(1...1010))
        }
    }

    /// Nobody is told twice of what the stream is only filled with again.
    @Test(arguments: ["FLUSHALL", "DEL activity:alerts:stream", "RENAME activity:alerts:stream elsewhere"])
    func fillsAStreamThatVanished(command: String) async throws {
        try await AlertSetting.with { setting in
            try await setting.write(1500)
            try await setting.waitUntilDelivered(1500)
            try await setting.redis(command)
            try await eventually("the stream is there again") {
                try await setting.sequences() == Array(1...1500)
            }
            try await setting.write(1)
            try await setting.waitUntilDelivered(1501)
            try await eventually("the new one is heard") { setting.listener.sequences.last == 1501 }
            #expect(setting.listener.sequences == Array(1...1501))
            #expect(setting.observations.rewinds.map(\.from) == [1500])
            #expect(setting.observations.rewinds.map(\.to) == [0])
        }
    }

    @Test func fillsAnEmptyStreamWithWhatItWouldHold() async throws {
        try await AlertSetting.with(adjust: { $0.streamLength = 1000 }) { setting in
            try await setting.write(5000)
            try await setting.waitUntilDelivered(5000)
            try await setting.redis("FLUSHALL")
            try await eventually("the stream is there again") {
                try await setting.sequences() == Array(4001...5000)
            }
        }
    }

    @Test func announcesWhatWasNeverConfirmedAfterAFlush() async throws {
        let begins = Gate()
        try await AlertSetting.with(adjust: { $0.begins = begins }) { setting in
            try await setting.write(10)
            try await setting.database.execute(
                """
                UPDATE activity.alert_outbox SET relay_seq = id;
                UPDATE activity.relay SET numbered = 10, delivered = 6;
                """
            )
            begins.open()
            try await setting.waitUntilDelivered(10)
            #expect(try await setting.sequences() == Array(1...10))
            try await eventually("the others are heard") { setting.listener.sequences.count >= 4 }
            #expect(setting.listener.sequences == [7, 8, 9, 10])
        }
    }

    /// The stream is larger than what the server may keep, and other keys do not help.
    @Test func announcesEverythingThoughRedisDropsTheStream() async throws {
        let options = ["--maxmemory", "4mb", "--maxmemory-policy", "allkeys-lru"]
        try await AlertSetting.with(redisOptions: options) { setting in
            for batch in 1...10 {
                try await setting.write(1000, padding: 1000)
                try await setting.waitUntilDelivered(batch * 1000)
            }
            try await eventually("all are heard") { setting.listener.sequences.count >= 10_000 }
            #expect(setting.listener.sequences == Array(1...10_000))
            #expect(!setting.observations.rewinds.isEmpty)
        }
    }

    @Test(arguments: [[], ["--appendonly", "yes", "--appendfsync", "always"]])
    func losesNothingWhenRedisIsKilled(options: [String]) async throws {
        let count = 20_000
        try await AlertSetting.with(relays: 2, redisOptions: options) { setting in
            for round in 1...5 {
                try await setting.write(count / 5)
                // In the middle of it, as far as that can be had.
                try await eventually("some are sent") { try await setting.delivered() > (round - 1) * count / 5 }
                await setting.server.kill9()
                try await setting.server.startAgain()
            }
            try await setting.waitUntilDelivered(count)
            try await eventually("the stream is whole") { try await setting.sequences() == Array(1...count) }
        }
    }

    @Test func waitsForARedisThatIsDown() async throws {
        try await AlertSetting.with { setting in
            try await setting.write(5)
            try await setting.waitUntilDelivered(5)
            await setting.server.kill9()
            try await setting.write(700)
            try await eventually("it fails") { setting.observations.lastBacklog?.count == 700 }
            try await setting.server.startAgain()
            try await setting.waitUntilDelivered(705)
            #expect(try await setting.sequences() == Array(1...705))
        }
    }

    @Test func goesOnAfterPostgresRestarted() async throws {
        // What the test has written must be there again.
        let postgres = try await PostgresServer.start(settings: ["synchronous_commit": "on"])
        try await AlertSetting.with(postgres: postgres, adjust: { $0.chunk = 50 }) { setting in
            try await setting.write(5000)
            try await eventually("some are sent") { try await setting.delivered() > 0 }
            try await postgres.stop(mode: .immediate)
            try await postgres.startAgain()
            try await eventually("all are delivered") {
                (try? await setting.delivered()) == 5000
            }
            #expect(try await setting.sequences() == Array(1...5000))
            try await eventually("all are heard") { setting.listener.sequences.count >= 5000 }
            #expect(setting.listener.sequences == Array(1...5000))
        }
        try await postgres.remove()
    }

    /// As from a backup that knows neither the last numbers nor their events.
    @Test func numbersOnAfterTheStreamWhenPostgresWasRestored() async throws {
        try await AlertSetting.with { setting in
            try await setting.write(10)
            try await setting.waitUntilDelivered(10)
            try await setting.database.execute(
                """
                BEGIN;
                DELETE FROM activity.alert_outbox WHERE relay_seq > 6;
                UPDATE activity.relay SET numbered = 6, delivered = 4;
                COMMIT;
                """
            )
            try await setting.write(3)
            // Of the backup's own, 5 and 6 are not known to be delivered, and are sent as 11 and 12.
            try await setting.waitUntilDelivered(15)
            #expect(try await setting.sequences() == Array(1...15))
            #expect(setting.observations.renumberings.map(\.from) == [6])
            #expect(setting.observations.renumberings.map(\.to) == [10])
            // A stream that is lost now is filled with what there is.
            try await setting.redis("FLUSHALL")
            let left = [1, 2, 3, 4, 11, 12, 13, 14, 15]
            try await eventually("the stream is there again") { try await setting.sequences() == left }
        }
    }
}
