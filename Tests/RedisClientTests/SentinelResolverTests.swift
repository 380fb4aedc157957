import RedisClient
import TestServers
import Testing

/// What sentinels may say, or leave unsaid.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SentinelResolverTests {
    @Test func asksTheNextWhenOneIsDownOrSilent() async throws {
        let silent = try SilentListener()
        let down = try FreePort.find()
        try await withServer { server async throws in
            try await withSentinel(of: server) { sentinel async throws in
                let url = sentinelURL([down, silent.port, sentinel.port])
                // The silent one has a sixth of it.
                try await RedisAccessTests.connect(url, timeout: .seconds(15))
            }
        }
    }

    @Test func saysWhatIsWrongWithEachSentinel() async throws {
        let ports = try [FreePort.find(), FreePort.find()]
        let error = try await redisError { try await RedisAccessTests.connect(sentinelURL(ports)) }
        #expect(error.code == .connectionFailed && error.isRetriable)
        #expect(error.message.contains("no sentinel says where the master mymaster is"))
        for port in ports { #expect(error.message.contains("cannot connect to 127.0.0.1:\(port): "), "\(error)") }
        #expect(error.message.ranges(of: "Connection refused").count == 2, "\(error)")
    }

    @Test func namesAMasterThatNoSentinelKnows() async throws {
        try await withServer { server async throws in
            try await withSentinel(of: server) { sentinel async throws in
                let url = sentinelURL([sentinel.port], master: "other")
                let error = try await redisError { try await RedisAccessTests.connect(url) }
                #expect(error.code == .connectionFailed)
                #expect(error.message.contains("master other"))
                #expect(error.message.contains("knows no master of that name"), "\(error)")
            }
        }
    }

    @Test func refusesAServerThatIsNoSentinel() async throws {
        let port = try await RedisServer.shared.port
        let error = try await redisError { try await RedisAccessTests.connect(sentinelURL([port])) }
        #expect(error.message.contains("127.0.0.1:\(port): SENTINEL was refused"), "\(error)")
    }

    @Test(arguments: [
        "+OK\r\n", ":1\r\n", "$9\r\n127.0.0.1\r\n", "*0\r\n", "*1\r\n$1\r\na\r\n", "*2\r\n$1\r\na\r\n$1\r\nb\r\n",
        "*2\r\n$0\r\n\r\n$4\r\n6379\r\n", "*2\r\n$1\r\na\r\n$1\r\n0\r\n", "*2\r\n$1\r\na\r\n$5\r\n65536\r\n",
        "*2\r\n$1\r\na\r\n$-1\r\n", "*2\r\n*0\r\n$4\r\n6379\r\n", "*2\r\n$3\r\na\nb\r\n$4\r\n6379\r\n",
        "*3\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\n1\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "\0\u{1}garbage\r\n", "%1\r\n",
    ])
    func refusesWhatIsNoAddress(answer: String) async throws {
        try await FakeServer.with(answers: ["+OK\r\n", answer]) { sentinel async throws in
            let url = sentinelURL([sentinel.port])
            let error = try await redisError { try await RedisAccessTests.connect(url) }
            #expect(error.code == .protocolViolation, "\(error)")
            #expect(error.message.contains("127.0.0.1:\(sentinel.port): "), "\(error)")
            await sentinel.waitUntilClosed()
        }
    }

    /// One that was cut off names a server that is a replica by now; it is not asked first for ever.
    @Test func aReplicaIsNoMasterAndItsSentinelIsAskedLast() async throws {
        try await withServer { master async throws in
            try await withServer(options: ["--replicaof", "127.0.0.1", "\(master.port)"]) { replica async throws in
                let answer = "*2\r\n$9\r\n127.0.0.1\r\n$\("\(replica.port)".utf8.count)\r\n\(replica.port)\r\n"
                try await FakeServer.with(answers: ["+OK\r\n", answer]) { stale async throws in
                    let alone = sentinelURL([stale.port])
                    let error = try await redisError { try await RedisAccessTests.connect(alone) }
                    #expect(error.code == .connectionFailed)
                    #expect(error.message.contains("\(replica.port): a sentinel calls it the master"), "\(error)")
                    try await withSentinel(of: master) { sentinel async throws in
                        let url = sentinelURL([stale.port, sentinel.port])
                        try await withClient(RedisConfiguration(url: url)) { client async throws in
                            #expect(await serverPort(client) == master.port)
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [
        "+master\r\n", ":1\r\n", "*-1\r\n", "*0\r\n", "*1\r\n$5\r\nslave\r\n", "*2\r\n$8\r\nsentinel\r\n*0\r\n",
        "*1\r\n*1\r\n$6\r\nmaster\r\n", "\0\u{1}garbage\r\n",
    ])
    func refusesWhatIsNoMaster(role: String) async throws {
        try await FakeServer.with(answers: ["+OK\r\n", role]) { server async throws in
            try await withSentinel(of: server.port) { sentinel async throws in
                let url = sentinelURL([sentinel.port])
                let error = try await redisError { try await RedisAccessTests.connect(url) }
                #expect(error.code == .connectionFailed)
                #expect(error.message.contains("127.0.0.1:\(server.port): "), "\(error)")
            }
        }
    }

    @Test func saysThatTheUserHasToBeAllowedToAskForTheRole() async throws {
        let options = ["--user", "narrow", "on", ">few", "+ping", "+client", "~*"]
        try await withServer(options: options) { server async throws in
            try await withSentinel(of: server) { sentinel async throws in
                let url = sentinelURL([sentinel.port], credentials: "narrow:few@")
                let error = try await redisError { try await RedisAccessTests.connect(url) }
                #expect(error.message.contains("+role"), "\(error)")
            }
        }
    }

    @Test func speaksTLSWithSentinelsAndMaster() async throws {
        try await RedisTLSTests.withTLSServer(certificate: "both") { port, directory in
            let tls = try FreePort.find()
            let configuration = [
                "tls-port \(tls)", "tls-cert-file \(directory)/both.pem", "tls-key-file \(directory)/both.key",
                "tls-ca-cert-file \(directory)/ca.pem", "tls-auth-clients no", "tls-replication yes",
            ]
            try await withSentinel(of: port, configuration: configuration) { sentinel async throws in
                let url = "rediss-sentinel://127.0.0.1:\(tls)?master=\(RedisSentinel.masterName)"
                try await RedisAccessTests.connect("\(url)&cafile=\(directory)/ca.pem")
                let error = try await redisError {
                    try await RedisAccessTests.connect("\(url)&cafile=\(directory)/other.pem")
                }
                #expect(error.message.contains("127.0.0.1:\(tls): the TLS handshake failed"), "\(error)")
            }
        }
    }
}
