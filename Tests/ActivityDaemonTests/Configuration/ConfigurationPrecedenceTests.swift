import Cron
import Endpoint
import Logging
import Testing

@testable import ActivityDaemon

@Suite struct ConfigurationPrecedenceTests {
    /// One source's way to set `http.listen` to 127.0.0.1 and a port.
    enum Source: Int, CaseIterable, Sendable {
        case predecessorInDotEnv
        case predecessor
        case file
        case dotEnv
        case environment
        case flag

        var port: Int { 5_000 + rawValue }

        static func listen(to sources: some Sequence<Source>) throws -> ConfigurationFixture {
            var yaml: String?
            var dotEnv: [String] = []
            var environment: [String: String] = [:]
            var flags: [String: String] = [:]
            for source in sources {
                let address = "127.0.0.1:\(source.port)"
                switch source {
                case .predecessorInDotEnv: dotEnv.append("PORT=\(source.port)")
                case .predecessor: environment["PORT"] = "\(source.port)"
                case .file: yaml = "http:\n  listen: \(address)\n"
                case .dotEnv: dotEnv.append("ACTIVITYD_HTTP_LISTEN=\(address)")
                case .environment: environment["ACTIVITYD_HTTP_LISTEN"] = address
                case .flag: flags["http.listen"] = address
                }
            }
            return try ConfigurationFixture(
                yaml: yaml,
                dotEnv: dotEnv.joined(separator: "\n"),
                environment: environment,
                flags: flags,
            )
        }
    }

    @Test(arguments: Source.allCases)
    func aSourceWinsOverAllBelow(_ source: Source) throws {
        let sources = Source.allCases.filter { $0.rawValue <= source.rawValue }
        #expect(try Source.listen(to: sources).load().http.listen.description == "127.0.0.1:\(source.port)")
    }

    @Test(arguments: Source.allCases)
    func aSourceWinsOverTheDefault(_ source: Source) throws {
        #expect(try Source.listen(to: [source]).load().http.listen.description == "127.0.0.1:\(source.port)")
    }

    @Test func credentialsWinOverTheFileAndLoseToVariables() throws {
        let yaml = "database:\n  password: file\nredis:\n  password: file\n"
        var fixture = try ConfigurationFixture(
            yaml: yaml,
            credentials: ["database.password": "credential\n", "redis.password": "credential"],
            dotEnv: "ACTIVITYD_DATABASE_PASSWORD=dotenv",
        )
        #expect(try fixture.load().database.password == "dotenv")
        #expect(try fixture.load().redis.password == "credential")
        fixture.environment["ACTIVITYD_DATABASE_PASSWORD"] = "environment"
        #expect(try fixture.load().database.password == "environment")
    }

    @Test func defaultsHoldWithoutAnySource() throws {
        let configuration = try ConfigurationFixture().load()
        #expect(configuration == DaemonConfiguration())
        #expect(configuration.jobs[.ingest].schedule.interval == 2)
        #expect(configuration.http.listen.description == "127.0.0.1:3000")
    }

    @Test func otherValuesOfAFileStay() throws {
        let fixture = try ConfigurationFixture(
            yaml: "log: {level: debug, format: json}",
            environment: ["ACTIVITYD_LOG_LEVEL": "trace"],
        )
        let log = try fixture.load().log
        #expect(log.level == .trace)
        #expect(log.format == .json)
    }

    @Test func anEmptyVariableCountsAsAbsent() throws {
        let fixture = try ConfigurationFixture(
            yaml: "log: {level: debug}",
            dotEnv: "ACTIVITYD_LOG_LEVEL=\n",
            environment: ["ACTIVITYD_LOG_LEVEL": "", "POSTGRES_HOST": "", "CREDENTIALS_DIRECTORY": ""],
        )
        #expect(try fixture.load().log.level == .debug)
        #expect(try fixture.load().database.url.isEmpty)
    }

    @Test func anEmptyVariableMeansNoneWhereThereMayBeNone() throws {
        let yaml = "http: {adminListen: '127.0.0.1:4001'}\ndatabase: {readUrl: 'host=replica'}"
        let process = try ConfigurationFixture(
            yaml: yaml,
            environment: ["ACTIVITYD_HTTP_ADMIN_LISTEN": "", "ACTIVITYD_DATABASE_READ_URL": ""],
        )
        let file = try ConfigurationFixture(
            yaml: yaml,
            dotEnv: "ACTIVITYD_HTTP_ADMIN_LISTEN=\nACTIVITYD_DATABASE_READ_URL=''",
        )
        for configuration in [try process.load(), try file.load()] {
            #expect(configuration.http.adminListen == nil)
            #expect(configuration.database.readURL.isEmpty)
        }
    }

    /// Or a template that leaves a secret empty would open what the file keeps shut.
    @Test func anEmptyVariableTakesNoSecretAndNoListAway() throws {
        let token = "grafana:read:\(String(repeating: "0", count: 64))"
        let fixture = try ConfigurationFixture(
            yaml: "http: {tokens: ['\(token)'], allow: {admin: [127.0.0.1/32]}}\nredis: {password: secret}",
            environment: [
                "ACTIVITYD_HTTP_TOKENS": "", "ACTIVITYD_HTTP_ALLOW_ADMIN": "", "ACTIVITYD_REDIS_PASSWORD": "",
            ],
        )
        let configuration = try fixture.load()
        #expect(configuration.http.tokens.count == 1)
        #expect(!configuration.http.rules.allowed.admin.isEmpty)
        #expect(configuration.redis.password == "secret")
    }

    @Test func aWrongValueIsRefusedEvenWhenOverridden() throws {
        let fixture = try ConfigurationFixture(
            yaml: "log:\n  level: loud\n",
            environment: ["ACTIVITYD_LOG_LEVEL": "info"],
        )
        #expect(fixture.problems().count == 1)
    }

    @Test func saysWhereEachValueCameFrom() throws {
        let fixture = try ConfigurationFixture(
            yaml: "log:\n  level: debug\n",
            credentials: ["redis.url": "redis://r"],
            dotEnv: "\nACTIVITYD_FEED_BATCH_SIZE=2000",
            environment: ["ACTIVITYD_DIRECTUS_SCHEMA": "cms", "POSTGRES_HOST": "h", "POSTGRES_PORT": "1"],
            flags: ["log.format": "json"],
        )
        let origins = try fixture.load().origins.mapValues { fixture.withoutDirectory($0.description) }
        #expect(
            origins == [
                "log.level": "activityd.yaml:2",
                "redis.url": "credential credentials/redis.url",
                "feed.batchSize": ".env:2 (ACTIVITYD_FEED_BATCH_SIZE)",
                "directus.schema": "environment variable ACTIVITYD_DIRECTUS_SCHEMA",
                "database.url": "environment variable POSTGRES_HOST, environment variable POSTGRES_PORT",
                "log.format": "command line",
            ]
        )
    }
}
