import RedisClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisScriptTests {
    @Test func loadsAtFirstUseAndAgainAfterAFlush() async throws {
        try await withServer { server async throws in
            try await withClient(RedisConfiguration(url: server.url)) { client async throws in
                let script = RedisScript("redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])")
                for round in 0..<3 {
                    let reply = try await client.evaluate(script, keys: ["k"], arguments: [RedisArgument(round)])
                    #expect(reply.int == Int64(round))
                    try await client.send(RedisCommand("SCRIPT", "FLUSH"))
                }
            }
        }
    }

    @Test func isKnownToACopyAndAnotherServer() async throws {
        let script = RedisScript("return ARGV[1]")
        let copy = script
        try await withSharedClient { client async throws in
            #expect(try await client.evaluate(script, keys: [], arguments: ["a"]).text == "a")
        }
        try await withServer { server async throws in
            try await withClient(RedisConfiguration(url: server.url)) { client async throws in
                #expect(try await client.evaluate(copy, keys: [], arguments: [RedisArgument([0x62])]).text == "b")
            }
        }
    }

    @Test func passesOnTheScriptsOwnErrors() async throws {
        try await withSharedClient { client async throws in
            let script = RedisScript("return redis.error_reply('STALE generation')")
            let error = try await redisError { try await client.evaluate(script, keys: [], arguments: []) }
            #expect(error.code == .server(prefix: "STALE"))
            let broken = RedisScript("this is not Lua")
            let refusal = try await redisError { try await client.evaluate(broken, keys: [], arguments: []) }
            #expect(refusal.code == .server(prefix: "ERR"))
        }
    }

    @Test func givesUpOnAServerThatNeverKnowsTheScript() async throws {
        let digest = String(repeating: "a", count: 40)
        let answers = [
            "+OK\r\n", "$40\r\n\(digest)\r\n", "-NOSCRIPT no\r\n", "$40\r\n\(digest)\r\n", "-NOSCRIPT no\r\n",
        ]
        try await FakeServer.with(answers: answers + answers.suffix(2)) { server async throws in
            try await withClient(RedisConfiguration(url: server.url)) { client async throws in
                let script = RedisScript("return 1")
                let error = try await redisError { try await client.evaluate(script, keys: [], arguments: []) }
                #expect(error.code == .server(prefix: "NOSCRIPT"))
            }
        }
    }
}
