import Pipeline
import Testing

@testable import ActivityDaemon

@Suite struct ConfigurationKeyTests {
    /// Another value than the default for each key, as a variable has it.
    private static let others = [
        "database.url": "host=/run/postgresql dbname=directus",
        "database.password": "p",
        "database.readUrl": "postgresql://replica.example.com/directus",
        "database.schema": "stats",
        "directus.schema": "cms",
        "redis.url": "unix:///run/redis.sock",
        "redis.password": "p",
        "redis.prefix": "a:",
        "http.listen": "[::1]:80",
        "http.adminListen": "unix:/run/activityd/admin.sock",
        "http.socketMode": "0600",
        "http.allowAnonymous": "true",
        "http.tokens": "grafana:read:\(String(repeating: "0", count: 64))",
        "http.trustedProxies": "10.0.0.0/8,unix",
        "http.forwardedField": "Forwarded",
        "http.allow.read": "192.0.2.0/24",
        "http.allow.ingest": "2001:db8::/32",
        "http.allow.admin": "127.0.0.1/32",
        "http.rateLimit.read": "600",
        "http.rateLimit.ingest": "0",
        "http.rateLimit.admin": "10",
        "http.cors": "https://dash.example.com,http://localhost:8080",
        "windows.days": "2,3",
        "windows.hours": "744",
        "windows.alertHours": "12,24",
        "scheduler.timezone": "Europe/Berlin",
        "scheduler.concurrency": "1",
        "scheduler.switchRole": "never",
        "retention.runs": "30",
        "retention.facts": "400",
        "retention.alerts": "30",
        "alerts.streamLength": "5000",
        "alerts.heartbeat": "5",
        "feed.batchSize": "1000000",
        "log.level": "critical",
        "log.format": "json",
        "jobs.archive.enabled": "true",
        "detection.clearAt": "0.5",
        "detection.passwordSpray.users": "6",
        "detection.distributedBruteForce.addresses": "60",
        "detection.bruteForce.window": "60",
        "detection.passwordSpray.window": "60",
        "detection.distributedBruteForce.window": "60",
        "detection.takeover.rapidWindow": "60",
        "detection.excessiveRequests.deviations": "2.5",
        "detection.excessiveRequests.ratio": "10",
        "detection.volume.rareValue": "7.5",
        "detection.volume.rareLevel": "off",
        "detection.volume.rareBurst": "7.5",
        "detection.volume.offProfile": "7.5",
        "detection.volume.barStep": "7.5",
        "detection.volume.highMargin": "7.5",
        "detection.broadAccess.collections": "20",
        "detection.diverseActions.actions": "20",
        "detection.newAddress.users": "3f6a1c52-5b57-4b0e-8f2a-0d9e5c1b7a11,5b57",
        "detection.allow.addresses": "192.0.2.0/24,2001:db8::1/128",
        "detection.allow.users": "5b57",
        "detection.allow.rules": "brute-force,takeover",
    ]

    /// The same for what all jobs have.
    private static let othersOfJobs = [
        "schedule": "30 2 * * 1-5", "timezone": "America/New_York", "enabled": "false", "timeout": "60",
        "catchUp": "all", "overlap": "queue", "retries": "9",
    ]

    private static func other(_ key: ConfigurationKey) -> String? {
        others[key.name] ?? othersOfJobs[key.name.split(separator: ".").last.map(String.init) ?? ""]
            ?? (key.name.hasPrefix("detection.") ? "600" : nil)
    }

    @Test func eachKeyHasItsOwnVariable() {
        #expect(ConfigurationKey.byVariable.count == ConfigurationKey.all.count)
        #expect(ConfigurationKey.byName["database.url"]?.variable == "ACTIVITYD_DATABASE_URL")
        #expect(ConfigurationKey.byName["database.readUrl"]?.variable == "ACTIVITYD_DATABASE_READ_URL")
        #expect(ConfigurationKey.byName["http.allowAnonymous"]?.variable == "ACTIVITYD_HTTP_ALLOW_ANONYMOUS")
        #expect(ConfigurationKey.byName["jobs.ingest.schedule"]?.variable == "ACTIVITYD_JOBS_INGEST_SCHEDULE")
        let hyphenated = ConfigurationKey.byName["jobs.rebuild-indexes.catchUp"]
        #expect(hyphenated?.variable == "ACTIVITYD_JOBS_REBUILD_INDEXES_CATCH_UP")
    }

    @Test(arguments: ConfigurationKey.all)
    func aVariableSetsItsOwnKeyOnly(_ key: ConfigurationKey) throws {
        let text = try #require(Self.other(key))
        let configuration = try ConfigurationFixture(environment: [key.variable: text]).load()
        for other in ConfigurationKey.all where other.name != key.name {
            #expect(other.shownValue(in: configuration) == other.shownValue(in: DaemonConfiguration()))
        }
        #expect(key.shownValue(in: configuration) == (key.isSecret ? "(secret)" : text))
    }

    @Test(arguments: ConfigurationKey.all)
    func aDefaultIsAcceptedAsItIsShown(_ key: ConfigurationKey) throws {
        let fixture = try ConfigurationFixture(flags: [key.name: key.defaultText])
        #expect(key.shownValue(in: try fixture.load()) == key.shownValue(in: DaemonConfiguration()))
    }

    @Test(
        arguments: [
            ("keep", .keep), ("mirror", .mirror), (" 400 ", .days(400)), ("36500", .days(36_500)),
        ] as [(String, FactRetention)]
    )
    func factsAreKeptByWordOrByDays(_ text: String, _ expected: FactRetention) throws {
        let configuration = try ConfigurationFixture(flags: ["retention.facts": text]).load()
        #expect(configuration.retention.facts == expected)
    }

    @Test func theReferenceHasALineForEachKey() {
        let lines = ConfigurationKey.reference.split(separator: "\n")
        #expect(lines.count == ConfigurationKey.general.count + 7 + 2)
        #expect(lines.contains { $0.hasPrefix("| `jobs.<name>.catchUp` | `ACTIVITYD_JOBS_<NAME>_CATCH_UP` |") })
        #expect(
            lines.contains(
                "| `feed.batchSize` | `ACTIVITYD_FEED_BATCH_SIZE` | `100000` | a whole number from 1000 to 1000000 "
                    + "| Rows read in one transaction at most |"
            )
        )
        #expect(lines.allSatisfy { $0.split(separator: "|").count == 5 })
    }

    @Test(
        arguments: [
            ("loglevel", "log.level"), ("log.lvl", "log.level"), ("HTTP.Listen", "http.listen"),
            ("databse.url", "database.url"), ("http.allow_anonymous", "http.allowAnonymous"),
            ("windows.day", "windows.days"), ("port", nil), ("", nil), ("logging.verbosity", nil),
        ] as [(String, String?)]
    )
    func suggestsTheNearestName(_ written: String, _ expected: String?) {
        #expect(ConfigurationKey.nearest(to: written, among: ConfigurationKey.all.map(\.name)) == expected)
    }
}
