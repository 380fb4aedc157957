import RedisClient
import TestServers
import Testing

@testable import ActivityDaemon

@Suite(.timeLimit(.minutes(1))) struct RedisSentinelConfigurationTests {
    @Test func thePasswordOfRedisIsNotThatOfTheSentinels() throws {
        let url = "rediss-sentinel://:old@a,b?master=m&sentinelPassword=tower"
        let fixture = try ConfigurationFixture(environment: [
            "ACTIVITYD_REDIS_URL": url, "ACTIVITYD_REDIS_PASSWORD": "new",
        ])
        let connection = try fixture.load().redisConnection
        #expect(connection.password == "new")
        var sentinels = RedisSentinels([.init(host: "a"), .init(host: "b")], masterName: "m")
        sentinels.password = "tower"
        #expect(connection.address == .master(sentinels))
        #expect(connection.tls != nil)
    }

    @Test func checkFindsTheMaster() async throws {
        let server = try await RedisServer.shared
        let sentinel = try await RedisSentinel.start(master: server.port)
        for (master, isFine) in [(RedisSentinel.masterName, true), ("other", false)] {
            let url = "redis-sentinel://127.0.0.1:\(sentinel.port)?master=\(master)"
            let configuration = try ConfigurationFixture(environment: [
                "ACTIVITYD_REDIS_URL": url, "ACTIVITYD_DATABASE_URL": "postgresql://127.0.0.1:1/none",
            ]).load()
            let findings = await CheckCommand(configuration).run()
            let redis = findings.first { $0.subject == "redis" }
            #expect(redis?.isFine == isFine)
            #expect(redis?.detail.contains(isFine ? "version" : "knows no master of that name") == true)
        }
        await sentinel.stop()
    }
}
