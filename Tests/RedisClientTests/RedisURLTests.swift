import RedisClient
import Testing

@Suite struct RedisURLTests {
    struct Accepted: Sendable, CustomTestStringConvertible {
        let url: String
        let address: RedisAddress
        var username: String?
        var password: String?
        var database = 0
        var tls: RedisTLS?

        var testDescription: String { url }
    }

    static let local = RedisAddress.tcp(host: "localhost", port: 6_379)

    static func sentinels(
        _ nodes: [(String, Int)],
        _ masterName: String = "mymaster",
        username: String? = nil,
        password: String? = nil,
    ) -> RedisSentinels {
        let nodes = nodes.map { RedisSentinels.Node(host: $0, port: $1) }
        var sentinels = RedisSentinels(nodes, masterName: masterName)
        sentinels.username = username
        sentinels.password = password
        return sentinels
    }

    @Test(arguments: [
        Accepted(url: "redis://localhost", address: local),
        Accepted(url: "REDIS://localhost/", address: local),
        Accepted(url: "redis://localhost:6380/3", address: .tcp(host: "localhost", port: 6_380), database: 3),
        Accepted(url: "redis://:secret@localhost", address: local, password: "secret"),
        Accepted(url: "redis://user@localhost", address: local, username: "user"),
        Accepted(url: "redis://u:p:q@localhost", address: local, username: "u", password: "p:q"),
        Accepted(url: "redis://u:a@b@localhost", address: local, username: "u", password: "a@b"),
        Accepted(
            url: "redis://us%65r:%40%2f%3A%25%C3%A9@localhost/1",
            address: local,
            username: "user",
            password: "@/:%é",
            database: 1,
        ),
        Accepted(url: "redis://[::1]", address: .tcp(host: "::1", port: 6_379)),
        Accepted(
            url: "redis://x:y@[fe80::1]:1/2",
            address: .tcp(host: "fe80::1", port: 1),
            username: "x",
            password: "y",
            database: 2,
        ),
        Accepted(url: "rediss://localhost", address: local, tls: RedisTLS()),
        Accepted(url: "rediss://localhost?verify=none", address: local, tls: RedisTLS(verifiesServer: false)),
        Accepted(
            url: "rediss://localhost/4?cafile=/etc/my%20ca.pem&verify=full",
            address: local,
            database: 4,
            tls: RedisTLS(authorityFile: "/etc/my ca.pem"),
        ),
        Accepted(url: "redis-sentinel://a?master=mymaster", address: .master(sentinels([("a", 26_379)]))),
        Accepted(
            url: "redis-sentinel://u:p%40q@a,[::1]:1,c:26380/3?master=my.Master-1_",
            address: .master(sentinels([("a", 26_379), ("::1", 1), ("c", 26_380)], "my.Master-1_")),
            username: "u",
            password: "p@q",
            database: 3,
        ),
        Accepted(
            url: "redis-sentinel://:p,q@a/?sentinelPassword=s%26t&master=mymaster&sentinelUsername=w",
            address: .master(sentinels([("a", 26_379)], username: "w", password: "s&t")),
            password: "p,q",
        ),
        Accepted(
            url: "rediss-sentinel://a?master=mymaster&cafile=/ca.pem",
            address: .master(sentinels([("a", 26_379)])),
            tls: RedisTLS(authorityFile: "/ca.pem"),
        ),
        Accepted(
            url: "REDISS-Sentinel://a?master=mymaster&verify=none",
            address: .master(sentinels([("a", 26_379)])),
            tls: RedisTLS(verifiesServer: false),
        ),
        Accepted(url: "unix:///run/redis.sock", address: .unix(path: "/run/redis.sock")),
        Accepted(url: "unix:///run/my%20redis.sock?db=7", address: .unix(path: "/run/my redis.sock"), database: 7),
        Accepted(url: "unix://u:p@/run/r.sock", address: .unix(path: "/run/r.sock"), username: "u", password: "p"),
    ])
    func reads(_ expected: Accepted) throws {
        let configuration = try RedisConfiguration(url: expected.url)
        #expect(configuration.address == expected.address)
        #expect(configuration.username == expected.username)
        #expect(configuration.password == expected.password)
        #expect(configuration.database == expected.database)
        #expect(configuration.tls == expected.tls)
    }

    /// Each with a piece of the reason that is given.
    @Test(arguments: [
        ("", "://"),
        ("localhost:6379", "://"),
        ("http://hunter2@localhost", "scheme"),
        ("redis://", "no host"),
        ("redis:///0", "no host"),
        ("redis://:hunter2@", "no host"),
        ("redis://:hunter2@:6379", "no host"),
        ("redis://localhost:", "port"),
        ("redis://localhost:0", "port"),
        ("redis://localhost:65536", "port"),
        ("redis://localhost:+1", "port"),
        ("redis://user:hunter2/x@localhost", "port"),
        ("redis://user:hunter2?x@localhost", "port"),
        ("redis://localhost/x", "database"),
        ("redis://localhost/-1", "database"),
        ("redis://localhost/1/2", "database"),
        ("redis://localhost/99999999999", "database"),
        ("redis://x/hunter2@localhost", "database"),
        ("redis://localhost?cafile=/x", "parameter"),
        ("rediss://localhost?cafile=", "parameter"),
        ("rediss://localhost?verify=hunter2", "parameter"),
        ("rediss://localhost?password=hunter2", "parameter"),
        ("redis://[::1", "["),
        ("redis://[::1]x", "]"),
        ("redis://::1", "colon"),
        ("redis://a:hunter%2@localhost", "password"),
        ("redis://a:hunter%zz@localhost", "password"),
        ("redis://a:%ff@localhost", "password"),
        ("redis://a:hunter2%00@localhost", "password"),
        ("redis://a%:hunter2@localhost", "user name"),
        ("redis://a:hunter2#@localhost", "#"),
        ("redis://a:hunter 2@localhost", "space"),
        ("redis://a:hunter2\n@localhost", "control"),
        ("redis-sentinel://a", "?master=name is missing"),
        ("redis-sentinel://a?master=", "parameter"),
        ("redis-sentinel://a?master=hunter%2F2", "?master=name is missing"),
        ("redis-sentinel://a?master=hunter2@b", "?master=name is missing"),
        ("redis-sentinel://a?master=hünter", "?master=name is missing"),
        ("redis-sentinel://a?master=m&verify=none", "parameter"),
        ("redis-sentinel://a?master=m&sentinelpassword=hunter2", "parameter"),
        ("redis-sentinel://a?master=m&sentinelPassword=", "parameter"),
        ("redis-sentinel://a?master=m&sentinelPassword=hunter%2", "parameter"),
        ("redis-sentinel://?master=m", "no host"),
        ("redis-sentinel://a,?master=m", "no host"),
        ("redis-sentinel://a,,b?master=m", "no host"),
        ("redis-sentinel://a,b:x?master=m", "port"),
        ("redis-sentinel://a;b:1:2?master=m", "colon"),
        ("redis-sentinel://[::1,b?master=m", "["),
        ("redis-sentinel://a/x?master=m", "database"),
        ("redis-sentinel://:hunter2@a,:hunter3@b?master=m", "once"),
        ("redis://a?master=m", "parameter"),
        ("unix://", "path"),
        ("unix:///", "path"),
        ("unix://host/run/redis.sock", "no host"),
        ("unix:///run/redis.sock?db=x", "database"),
        ("unix:///run/redis.sock?password=hunter2", "db="),
        ("unix:///" + String(repeating: "x", count: 107), "107"),
    ])
    func refuses(url: String, reason: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error.code == .invalidURL)
        #expect(error.message.contains(reason))
        #expect(error.message.contains("accepted are"))
        #expect(!error.message.contains("hunter"))
        #expect(!error.isRetriable)
    }

    @Test func showsNoCredentialsOfSentinels() throws {
        let url = "rediss-sentinel://alice:hunter2@a,[::1]:2/2?master=m&sentinelUsername=bob&sentinelPassword=hunter3"
        let configuration = try RedisConfiguration(url: url)
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(configuration.address, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(text.contains("rediss-sentinel://a:26379,[::1]:2/2?master=m"))
        }
        for text in [dumped, "\(configuration.address)", String(reflecting: configuration.address)] {
            for secret in ["hunter", "alice", "bob"] { #expect(!text.contains(secret)) }
        }
    }

    @Test func showsNoCredentials() throws {
        let configuration = try RedisConfiguration(url: "redis://alice:hunter2@localhost/2")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(text.contains("redis://localhost:6379/2"))
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("alice"))
        }
    }
}
