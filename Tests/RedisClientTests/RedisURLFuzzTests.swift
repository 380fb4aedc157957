import TestServers
import Testing

@testable import RedisClient

/// Changed URLs, the same in every run: none crashes, and no refusal repeats what may be a password.
@Suite struct RedisURLFuzzTests {
    static let urls = [
        "redis-sentinel://alice:hunter2@a,[::1]:2,c:26380/3?master=mymaster&sentinelUsername=bob&sentinelPassword=hunter2",
        "rediss-sentinel://:hunter2@a/?master=m&verify=none&cafile=/ca.pem&sentinelPassword=hunter2",
        "redis://alice:hunter2@localhost:6379/1", "rediss://:hunter2@[::1]/0?verify=full",
        "unix://u:hunter2@/run/redis.sock?db=1",
    ]

    static let words = [
        "@", ":", "/", "?", "#", "&", "=", "%", "%2", "%40", "%00", "%ff", ",", "[", "]", " ", "\n", "é", "\u{1F600}",
        "-",
        "1", "99999999999999999999", "://", "hunter2", "master=", "sentinelPassword=hunter2", "redis-sentinel://",
    ]

    @Test(arguments: 0..<8)
    func neitherCrashesNorRepeatsAPassword(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let url = Self.changed(Self.urls.randomElement(using: &random) ?? "", &random)
            do throws(RedisError) {
                let configuration = try RedisConfiguration(url: url)
                Self.check(configuration)
            } catch {
                #expect(error.code == .invalidURL)
                #expect(!error.message.contains("hunter"), "\(url)")
            }
        }
    }

    /// What was accepted can be written and compared, and its hosts are hosts.
    private static func check(_ configuration: RedisConfiguration) {
        #expect(!"\(configuration)".isEmpty)
        guard case .master(let sentinels) = configuration.address else { return }
        #expect(!sentinels.nodes.isEmpty && !sentinels.masterName.isEmpty)
        #expect(sentinels.nodes.allSatisfy { !$0.host.isEmpty && 1...65_535 ~= $0.port })
    }

    private static func changed(_ url: String, _ random: inout SeededGenerator) -> String {
        var characters = Array(url)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let start = Int.random(in: 0...characters.count, using: &random)
            let end = min(characters.count, start + Int.random(in: 0...3, using: &random))
            characters.replaceSubrange(start..<end, with: Array(words.randomElement(using: &random) ?? ""))
        }
        return String(characters)
    }
}
