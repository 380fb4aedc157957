import Pipeline
import TestServers
import Testing

/// While sentinels make another server the master.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct RelaySentinelTests {
    private static let count = 6000

    /// What the new master has not got is sent again, however much that is.
    @Test(arguments: ["is killed", "is replaced"])
    func losesNothingWhenTheMaster(event: String) async throws {
        try await SentinelGroup.with { group in
            try await AlertSetting.with(group.master, at: group.url(), relays: 2, adjust: { $0.chunk = 50 }) {
                setting in
                try await setting.write(Self.count / 2)
                try await eventually("some are sent") { try await setting.delivered() > 0 }
                if event == "is killed" {
                    await group.master.kill9()
                    try await group.waitForSuccessor(of: group.master)
                } else {
                    try await group.failOver()
                }
                for _ in 0..<10 { try await setting.write(Self.count / 20) }
                try await setting.waitUntilDelivered(Self.count)
                try await Self.check(setting, group.replica)
            }
        }
    }

    /// The replica hears nothing any more, and the master does not know that it will be replaced.
    @Test func sendsAgainWhatTheReplicaHadNotReceived() async throws {
        try await SentinelGroup.with { group in
            try await AlertSetting.with(group.master, at: group.url()) { setting in
                try await setting.write(500)
                try await setting.waitUntilDelivered(500)
                try await eventually("the replica has it") {
                    try await group.replica.command("XLEN", "activity:alerts:stream") == "500"
                }
                group.replica.pause()
                // More than the kernel keeps for it.
                try await setting.write(Self.count - 500, padding: 4000)
                try await setting.waitUntilDelivered(Self.count)
                await group.master.kill9()
                group.replica.resume()
                try await group.waitForSuccessor(of: group.master)
                try await eventually("the stream is filled again") {
                    try await group.replica.command("XLEN", "activity:alerts:stream") == "\(Self.count)"
                }
                try await Self.check(setting, group.replica)
                // Those that were heard at the old master are not announced again.
                try await eventually("the subscriber has come over") {
                    try await group.replica.command("PUBSUB", "NUMSUB", "activity:alerts").hasSuffix("\n1")
                }
                try await setting.write(1)
                try await eventually("the new one is heard") { setting.listener.sequences.last == Self.count + 1 }
                #expect(setting.listener.sequences == Array(1...Self.count + 1))
                #expect(setting.observations.rewinds.map(\.from) == [Int64(Self.count)])
                #expect(setting.observations.rewinds.allSatisfy { $0.to >= 500 })
            }
        }
    }

    /// All of them once and in order, at the server that is the master now.
    private static func check(_ setting: AlertSetting, _ master: RedisServer) async throws {
        #expect(try await master.command("ROLE").hasPrefix("master"))
        let stream = try await setting.stream()
        #expect(stream.map(\.sequence) == Array(1...count))
        let ids = stream.compactMap { AlertListener.members($0.event)["id"] as? String }
        #expect(Set(ids).count == count)
        let written = try await setting.database.lines("event_id", from: "activity.alert_outbox ORDER BY relay_seq")
        #expect(ids == written)
    }
}
