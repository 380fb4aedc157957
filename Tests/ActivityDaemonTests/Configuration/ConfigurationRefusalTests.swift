import Endpoint
import Testing

@testable import ActivityDaemon

@Suite struct ConfigurationRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let yaml: String
        let problem: String

        init(_ name: String, _ yaml: String, _ problem: String) {
            testDescription = name
            self.yaml = yaml
            self.problem = problem
        }
    }

    private static let days = "accepted: a list of whole numbers from 1 to 366, [1, 7] in YAML and 1,7 elsewhere"
    private static let facts = "accepted: keep, mirror, or a whole number from 400 to 36500"
    private static let batchSize = "accepted: a whole number from 1000 to 1000000"
    private static let schedule =
        "accepted: five cron fields, a sixth before them for seconds, 1 to 59 seconds, or @daily and the like"

    @Test(arguments: [
        Case("unknown key", "\nlog:\n  lvl: info", "activityd.yaml:3: log.lvl: is not known; did you mean log.level?"),
        Case(
            "unknown section",
            "databse:\n  url: x",
            "activityd.yaml:2: databse.url: is not known; did you mean database.url?",
        ),
        Case(
            "too deep",
            "log: {level: {all: info}}",
            "activityd.yaml:1: log.level.all: is not known; did you mean log.level?",
        ),
        Case("section as value", "log: debug", "activityd.yaml:1: log: is not known; accepted: log.level, log.format"),
        Case(
            "key twice",
            "log: {level: info}\nlog.level: debug",
            "activityd.yaml:2: log.level: is written twice, first in line 1",
        ),
        Case(
            "not a number",
            "feed: {batchSize: many}",
            "activityd.yaml:1: feed.batchSize: refused \"many\"; \(batchSize)",
        ),
        Case("not whole", "feed: {batchSize: 1e5}", "activityd.yaml:1: feed.batchSize: refused \"1e5\"; \(batchSize)"),
        Case("too small", "feed: {batchSize: 999}", "activityd.yaml:1: feed.batchSize: refused \"999\"; \(batchSize)"),
        Case(
            "too large",
            "feed: {batchSize: 1000001}",
            "activityd.yaml:1: feed.batchSize: refused \"1000001\"; \(batchSize)",
        ),
        Case(
            "overflow",
            "feed: {batchSize: 99999999999999999999}",
            "activityd.yaml:1: feed.batchSize: refused \"99999999999999999999\"; \(batchSize)",
        ),
        Case(
            "list for a number",
            "feed: {batchSize: [1000]}",
            "activityd.yaml:1: feed.batchSize: refused a list; \(batchSize)",
        ),
        Case("number for a list", "windows: {days: 7}", "activityd.yaml:1: windows.days: refused \"7\"; \(days)"),
        Case("commas in YAML", "windows:\n  days: 1,7", "activityd.yaml:2: windows.days: refused \"1,7\"; \(days)"),
        Case(
            "element out of range",
            "windows: {days: [1, 367]}",
            "activityd.yaml:1: windows.days: refused \"367\"; \(days)",
        ),
        Case(
            "element not a number",
            "windows: {days: [1, week]}",
            "activityd.yaml:1: windows.days: refused \"week\"; \(days)",
        ),
        Case(
            "nested list",
            "windows: {days: [[1]]}",
            "activityd.yaml:1: windows.days: refused a list of lists or sections; \(days)",
        ),
        Case(
            "not a boolean",
            "http: {allowAnonymous: yes}",
            "activityd.yaml:1: http.allowAnonymous: refused \"yes\"; accepted: true or false",
        ),
        Case(
            "no seconds",
            "jobs: {ingest: {schedule: 0 seconds}}",
            "activityd.yaml:1: jobs.ingest.schedule: refused \"0 seconds\" (interval: the number lies outside 1 to 59); \(schedule)",
        ),
        Case(
            "a minute",
            "jobs: {ingest: {schedule: 60 seconds}}",
            "activityd.yaml:1: jobs.ingest.schedule: refused \"60 seconds\" (interval: the number lies outside 1 to 59); \(schedule)",
        ),
        Case(
            "a bare number",
            "jobs: {ingest: {schedule: 10}}",
            "activityd.yaml:1: jobs.ingest.schedule: refused \"10\" (schedule: it has 1 field); \(schedule)",
        ),
        Case(
            "no such month",
            "jobs: {maintain: {schedule: '0 0 1 13 *'}}",
            "activityd.yaml:1: jobs.maintain.schedule: refused \"0 0 1 13 *\" (month: 13 lies outside 1 to 12); "
                + schedule,
        ),
        Case(
            "the server's start",
            "jobs: {precompute: {schedule: '@reboot'}}",
            "activityd.yaml:1: jobs.precompute.schedule: refused \"@reboot\"; \(schedule)",
        ),
        Case(
            "no such zone",
            "jobs: {maintain: {timezone: Europe/Atlantis}}",
            "activityd.yaml:1: jobs.maintain.timezone: refused \"Europe/Atlantis\"; "
                + "accepted: a time zone of this machine, such as UTC or Europe/Berlin",
        ),
        Case(
            "facts kept shorter than windows reach",
            "retention: {facts: 399}",
            "activityd.yaml:1: retention.facts: refused \"399\"; \(facts)",
        ),
        Case(
            "facts kept oddly",
            "retention: {facts: all}",
            "activityd.yaml:1: retention.facts: refused \"all\"; \(facts)",
        ),
        Case(
            "log level",
            "log: {level: warn}",
            "activityd.yaml:1: log.level: refused \"warn\"; accepted: trace, debug, info, notice, warning, error or critical",
        ),
        Case(
            "log format",
            "log: {format: syslog}",
            "activityd.yaml:1: log.format: refused \"syslog\"; accepted: automatic, text, json or journal",
        ),
        Case(
            "empty schema",
            "directus: {schema: ''}",
            "activityd.yaml:1: directus.schema: refused \"\"; accepted: a name of 1 to 63 bytes without control characters",
        ),
        Case(
            "control character",
            "directus: {schema: \"a\\nb\"}",
            "activityd.yaml:1: directus.schema: refused \"a\\nb\"; accepted: a name of 1 to 63 bytes without control characters",
        ),
        Case(
            "empty prefix",
            "redis: {prefix: ''}",
            "activityd.yaml:1: redis.prefix: refused \"\"; accepted: 1 to 64 printable ASCII characters without blanks and * ? [ ] \\",
        ),
        Case(
            "pattern as prefix",
            "redis: {prefix: 'a*'}",
            "activityd.yaml:1: redis.prefix: refused \"a*\"; accepted: 1 to 64 printable ASCII characters without blanks and * ? [ ] \\",
        ),
        Case(
            "too few failures",
            "detection: {bruteForce: {failures: 1}}",
            "activityd.yaml:1: detection.bruteForce.failures: refused \"1\"; accepted: a whole number from 2 to 1000",
        ),
        Case(
            "more than the whole threshold",
            "detection: {clearAt: 1.5}",
            "activityd.yaml:1: detection.clearAt: refused \"1.5\"; accepted: a number from 0.1 to 1",
        ),
        Case(
            "not a number, although Swift has it",
            "detection: {clearAt: nan}",
            "activityd.yaml:1: detection.clearAt: refused \"nan\"; accepted: a number from 0.1 to 1",
        ),
        Case(
            "no such network",
            "detection: {allow: {addresses: [10.0.0.0/8, 10.0.0.0/33]}}",
            "activityd.yaml:1: detection.allow.addresses: refused \"10.0.0.0/33\"; accepted: "
                + "a list of addresses or networks, [192.0.2.0/24, '2001:db8::1'] in YAML and with commas elsewhere",
        ),
        Case(
            "no such rule",
            "detection: {allow: {rules: [bruteForce]}}",
            "activityd.yaml:1: detection.allow.rules: refused \"bruteForce\"; accepted: "
                + "a list of brute-force, password-spray, distributed-brute-force, takeover, suspension, mass-delete, "
                + "new-address, excessive-requests, broad-access, diverse-actions, volume, job-failed, job-missed, "
                + "data-stale, drift or detector-failed, [a, b] in YAML and a,b elsewhere",
        ),
        Case(
            "long value",
            "log: {level: \(String(repeating: "x", count: 200))}",
            "activityd.yaml:1: log.level: refused \"\(String(repeating: "x", count: 80))…\"; accepted: trace, debug, info, notice, warning, error or critical",
        ),
    ])
    func refuses(_ example: Case) throws {
        #expect(try ConfigurationFixture(yaml: example.yaml).problems() == [example.problem])
    }

    @Test(arguments: [
        ("http.trustedProxies", "localhost"), ("http.trustedProxies", "10.0.0.0/33"), ("http.allow.admin", "Unix"),
        ("http.forwardedField", "X-Real-IP"), ("http.rateLimit.read", "-1"), ("http.rateLimit.read", "1000001"),
        ("http.cors", "https://dash.example.com/"), ("http.cors", "dash.example.com"),
    ])
    func accessThatMeansNothing(_ key: String, _ value: String) throws {
        let problems = try ConfigurationFixture(flags: [key: value]).problems()
        #expect(problems.count == 1)
        #expect(problems.first?.contains(key) == true && problems.first?.contains(value) == true)
    }

    @Test func listsAllKeysWhenNoneIsNear() throws {
        let problems = try ConfigurationFixture(yaml: "colour: red").problems()
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("activityd.yaml:1: colour: is not known; accepted: database.url, ") == true)
        #expect(
            problems.first?.hasSuffix(
                ", log.format, detection.…, jobs.<name>.schedule, jobs.<name>.timezone, jobs.<name>.enabled, "
                    + "jobs.<name>.timeout, jobs.<name>.catchUp, jobs.<name>.overlap, jobs.<name>.retries"
            ) == true
        )
    }

    @Test func namesTheVariableInTheEnvironment() throws {
        let fixture = try ConfigurationFixture(
            dotEnv: "# ours\nACTIVITYD_FEED_BATCHSIZE=2000\nACTIVITYD_WINDOWS_HOURS=1,2h\n",
            environment: ["ACTIVITYD_LOGLEVEL": "info", "ACTIVITYD_LOG_FORMAT": "xml"],
        )
        #expect(
            fixture.problems() == [
                ".env:2 (ACTIVITYD_FEED_BATCHSIZE): is not known; did you mean ACTIVITYD_FEED_BATCH_SIZE?",
                ".env:3 (ACTIVITYD_WINDOWS_HOURS): windows.hours: refused \"2h\"; accepted: "
                    + "a list of whole numbers from 1 to 744, [1, 7] in YAML and 1,7 elsewhere",
                "environment variable ACTIVITYD_LOGLEVEL: is not known; did you mean ACTIVITYD_LOG_LEVEL?",
                "environment variable ACTIVITYD_LOG_FORMAT: log.format: refused \"xml\"; accepted: automatic, text, json or journal",
            ]
        )
    }

    @Test func namesTheFlag() throws {
        let fixture = try ConfigurationFixture(flags: ["feed.batchSize": "1", "log.levle": "info"])
        #expect(
            fixture.problems() == [
                "command line: log.levle: is not known; did you mean log.level?",
                "command line: feed.batchSize: refused \"1\"; accepted: a whole number from 1000 to 1000000",
            ]
        )
    }

    @Test func saysHowManyProblemsThereAre() throws {
        let one = try ConfigurationFixture(flags: ["log.level": "x"])
        let error = #expect(throws: ConfigurationError.self) { try one.load() }
        #expect(error?.description.split(separator: "\n").first == "the configuration has 1 problem")
        let two = try ConfigurationFixture(flags: ["log.level": "x", "log.format": "y"])
        let errors = #expect(throws: ConfigurationError.self) { try two.load() }
        #expect(errors?.description.split(separator: "\n").count == 3)
    }

    @Test(arguments: ["0.0.0.0:3000", "[::]:3000", "192.0.2.1:80", "example.org:3000"])
    func refusesAnAddressThatOthersReach(_ address: String) throws {
        var fixture = try ConfigurationFixture(environment: ["ACTIVITYD_HTTP_LISTEN": address])
        let port = address.hasSuffix(":80") ? "80" : "3000"
        #expect(
            fixture.problems() == [
                "environment variable ACTIVITYD_HTTP_LISTEN: http.listen: refused \"\(address)\", which other machines "
                    + "reach without a token; accepted: a loopback address such as 127.0.0.1:\(port), "
                    + "or any with http.tokens or http.allowAnonymous: true"
            ]
        )
        fixture.flags["http.allowAnonymous"] = "true"
        #expect(try fixture.load().http.listen.description == address)
    }

    @Test func servesOthersWhoHaveATokenButNoneThatIsRefused() throws {
        let listen = ["http.listen": "0.0.0.0:1"]
        let digest = String(repeating: "0", count: 64)
        let fixture = try ConfigurationFixture(yaml: "http:\n  tokens: ['a:read:\(digest)']\n", flags: listen)
        #expect(try fixture.load().http.tokens.map(\.id) == ["a"])
        let refused = try ConfigurationFixture(yaml: "http:\n  tokens: ['a:write:\(digest)']\n", flags: listen)
        #expect(
            refused.problems() == [
                "activityd.yaml:2: http.tokens: refused the secret value; accepted: a list of id:scopes:SHA-256 of the "
                    + "token, as activityd token create prints it, with scopes among read, ingest and admin, joined by +"
            ]
        )
        #expect(try ConfigurationFixture(yaml: "http:\n  tokens: []\n", flags: listen).problems().count == 1)
    }

    @Test func isSilentAboutExposureWhenTheDecisionWasRefused() throws {
        let fixture = try ConfigurationFixture(yaml: "http:\n  listen: 0.0.0.0:1\n  allowAnonymous: maybe\n")
        #expect(
            fixture.problems() == ["activityd.yaml:3: http.allowAnonymous: refused \"maybe\"; accepted: true or false"]
        )
    }
}
