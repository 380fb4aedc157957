import Cron
import Logging
import Testing

@testable import ActivityDaemon

@Suite struct YAMLSourceTests {
    @Test func readsSectionsListsAndQuotes() throws {
        let yaml = """
            # comment
            database:
              url: "postgresql://u@h/d"
              password: 0123
            directus: {schema: 'my cms'}
            redis.prefix: "a:"
            windows:
              days: [30, 1, 7, 7]
              hours:
                - 24
              alertHours: []
            jobs:
              ingest: {schedule: 1 second}
              precompute: {schedule: " 59  Seconds "}
            feed: {batchSize: 5000}
            """
        let configuration = try ConfigurationFixture(yaml: yaml).load()
        #expect(configuration.database.url == "postgresql://u@h/d")
        #expect(configuration.database.password == "0123")
        #expect(configuration.directus.schema == "my cms")
        #expect(configuration.redis.prefix == "a:")
        #expect(configuration.windows.days == [1, 7, 30])
        #expect(configuration.windows.hours == [24])
        #expect(configuration.windows.alertHours == [])
        #expect(configuration.jobs[.ingest].schedule.interval == 1)
        #expect(configuration.jobs[.precompute].schedule.interval == 59)
        #expect(configuration.feed.batchSize == 5_000)
    }

    @Test(arguments: [
        "", "# nothing\n", "---\n", "~", "log:\n", "log:\n  level:\n", "log: {level: null, format: ~}",
        "jobs:\n  ingest:\n",
    ])
    func emptyPartsLeaveTheDefaults(_ yaml: String) throws {
        #expect(try ConfigurationFixture(yaml: yaml).load() == DaemonConfiguration())
    }

    @Test(
        arguments: [
            ("log:\n  level: info\n bad: x\n", "activityd.yaml:3: is not YAML: did not find expected key"),
            ("log: [1, 2\n", "activityd.yaml:2: is not YAML: did not find expected ',' or ']'"),
            ("a: 1\nb: c: d\n", "activityd.yaml:2: is not YAML: mapping values are not allowed in this context"),
            ("log:\n\tlevel: info\n", "activityd.yaml:2: is not YAML: found character that cannot start any token"),
            ("log: {}\nlog: {}\n", "activityd.yaml:1: has log twice"),
            ("log: *gone\n", "activityd.yaml:1: is not YAML: found undefined alias"),
            ("log: {}\n---\nlog: {}\n", "activityd.yaml:2: is not YAML: but found another document"),
            ("- log\n", "activityd.yaml:1: is not a mapping; accepted: lines such as \"log:\" and \"  level: info\""),
            ("level", "activityd.yaml:1: is not a mapping; accepted: lines such as \"log:\" and \"  level: info\""),
            ("[a]: b\n", "activityd.yaml:1: has a name that is not a text"),
        ]
    )
    func refusesWhatIsNotOurYAML(_ yaml: String, _ problem: String) throws {
        #expect(try ConfigurationFixture(yaml: yaml).problems() == [problem])
    }

    @Test func aSyntaxErrorDoesNotQuoteTheLine() throws {
        let fixture = try ConfigurationFixture(yaml: "database:\n  password: hunter2: x\n")
        #expect(fixture.problems() == ["activityd.yaml:2: is not YAML: mapping values are not allowed in this context"])
    }

    @Test func aNamedFileMustExist() throws {
        let fixture = try ConfigurationFixture(path: "other.yaml", yaml: "log: {level: debug}")
        #expect(fixture.problems() == ["other.yaml: cannot be read: No such file or directory"])
    }

    @Test(arguments: [true, false])
    func readsANamedFile(isAbsolute: Bool) throws {
        var fixture = try ConfigurationFixture(yaml: "log: {level: debug}")
        try fixture.directory.write("log: {level: trace}", to: "other.yaml")
        fixture.path = isAbsolute ? "\(fixture.directory.path)/other.yaml" : "other.yaml"
        #expect(try fixture.load().log.level == .trace)
    }

    @Test func aDirectoryInItsPlaceIsAProblemEvenUnnamed() throws {
        let fixture = try ConfigurationFixture()
        try fixture.directory.write("", to: "activityd.yaml/file")
        #expect(fixture.problems() == ["activityd.yaml: cannot be read: Is a directory"])
    }

    @Test func refusesAFileWithoutEnd() throws {
        let fixture = try ConfigurationFixture(yaml: String(repeating: "#\n", count: 600_000))
        #expect(fixture.problems() == ["activityd.yaml: cannot be read: it is larger than 1 MiB"])
        let device = try ConfigurationFixture(path: "/dev/zero")
        #expect(device.problems() == ["/dev/zero: cannot be read: it is larger than 1 MiB"])
    }
}
