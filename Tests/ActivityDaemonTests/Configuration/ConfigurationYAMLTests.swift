import Testing

@testable import ActivityDaemon

/// `activityd config`: what is set, as a file.
@Suite struct ConfigurationYAMLTests {
    /// The same without where it came from.
    private static func values(_ configuration: DaemonConfiguration) -> [String] {
        ConfigurationKey.all.map { $0.text(in: configuration) }
    }

    @Test func isNothingWhereNothingIsSet() throws {
        #expect(try ConfigurationFixture().load().yaml(revealsSecrets: true) == "")
    }

    @Test func makesAFileOfThePredecessorsVariables() throws {
        let fixture = try ConfigurationFixture(
            environment: [
                "POSTGRES_HOST": "db", "POSTGRES_DB": "directus", "POSTGRES_PASSWORD": "it's: #1\t\\ü",
                "REDIS_HOST": "::1", "PORT": "3010", "CACHE_TTL_IP": "600",
            ]
        )
        let configuration = try fixture.load()
        let yaml = try configuration.yaml(revealsSecrets: true)
        #expect(yaml.hasPrefix("# known from the predecessor and without effect: CACHE_TTL_IP\n"))
        #expect(yaml.contains("# environment variable PORT\nhttp.listen: 127.0.0.1:3010\n") || yaml.contains("'127"))
        let again = try ConfigurationFixture(yaml: yaml).load()
        #expect(Self.values(again) == Self.values(configuration))
        #expect(again.database.password == "it's: #1\t\\ü")
    }

    @Test func keepsSecretsToItself() throws {
        let fixture = try ConfigurationFixture(
            environment: ["POSTGRES_PASSWORD": "hunter2", "ACTIVITYD_REDIS_URL": "redis://:hunter2@cache"]
        )
        let yaml = try fixture.load().yaml(revealsSecrets: false)
        #expect(!yaml.contains("hunter2"))
        #expect(yaml.contains("# environment variable POSTGRES_PASSWORD\n# database.password: (secret)\n"))
        #expect(try ConfigurationFixture(yaml: yaml).problems() == [])
    }

    @Test(
        arguments: [
            ["http.adminListen": ""], ["windows.days": "7,30"], ["jobs.ingest.schedule": "*/5 * * * *"],
            ["detection.allow.addresses": "192.0.2.0/24,2001:db8::/32"], ["redis.prefix": "{activity}:"],
            ["database.password": "null"], ["database.password": "a\nb"], ["retention.facts": "400"],
            ["http.allowAnonymous": "true", "http.listen": "[::]:3000"], ["scheduler.timezone": "Europe/Berlin"],
        ]
    )
    func readsBackAsItWas(flags: [String: String]) throws {
        let configuration = try ConfigurationFixture(flags: flags).load()
        let again = try ConfigurationFixture(yaml: try configuration.yaml(revealsSecrets: true)).load()
        #expect(Self.values(again) == Self.values(configuration))
    }
}
