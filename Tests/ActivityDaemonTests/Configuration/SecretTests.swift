import Endpoint
import Testing

@testable import ActivityDaemon

@Suite struct SecretTests {
    private static let secret = "hunter2"

    /// Every way to say a secret, with all of them set.
    private static func fixtures(_ text: String) throws -> [ConfigurationFixture] {
        let secrets = ConfigurationKey.all.filter { $0.isSecret && !$0.isList }
        return [
            try ConfigurationFixture(yaml: secrets.map { "\($0.name): \"\(text)\"\n" }.joined()),
            try ConfigurationFixture(credentials: Dictionary(uniqueKeysWithValues: secrets.map { ($0.name, text) })),
            try ConfigurationFixture(dotEnv: secrets.map { "\($0.variable)='\(text)'\n" }.joined()),
            try ConfigurationFixture(
                environment: Dictionary(uniqueKeysWithValues: secrets.map { ($0.variable, text) })
            ),
            try ConfigurationFixture(flags: Dictionary(uniqueKeysWithValues: secrets.map { ($0.name, text) })),
        ]
    }

    @Test func areShownNowhere() throws {
        for fixture in try Self.fixtures("redis://u:\(Self.secret)@h?password=\(Self.secret)") {
            let configuration = try fixture.load()
            var dumped = ""
            dump(configuration, to: &dumped)
            let texts = [
                dumped, "\(configuration)", String(reflecting: configuration), configuration.redactedDescription,
            ]
            #expect(configuration.redis.url.revealed.contains(Self.secret))
            #expect(texts.allSatisfy { !$0.contains(Self.secret) })
        }
    }

    @Test func areNotQuotedInRefusals() throws {
        for fixture in try Self.fixtures("http://u:\(Self.secret)@h") {
            let problems = fixture.problems()
            #expect(problems.count == 3)
            #expect(
                problems.contains {
                    $0.hasSuffix("database.url: refused the secret value; accepted: \(Self.databaseURL)")
                }
            )
            #expect(problems.allSatisfy { !$0.contains(Self.secret) })
        }
        let nested = try ConfigurationFixture(yaml: "database:\n  password: [[\(Self.secret)]]\nredis.password: [x]\n")
        #expect(
            nested.problems() == [
                "activityd.yaml:2: database.password: refused the secret value; accepted: any text without a null character",
                "activityd.yaml:3: redis.password: refused the secret value; accepted: any text without a null character",
            ]
        )
    }

    private static let databaseURL =
        "postgresql://user@host:port/database?key=value or host=… dbname=…, or empty for libpq's defaults"

    @Test func tokensComeFromALineEachOfACredential() throws {
        let grants = ["a:read:", "b:ingest+admin:"].map { $0 + String(repeating: "ab", count: 32) }
        let fixture = try ConfigurationFixture(credentials: ["http.tokens": grants.joined(separator: "\n") + "\n"])
        let configuration = try fixture.load()
        #expect(configuration.http.tokens.map(\.scopes) == [[.read], [.ingest, .admin]])
        #expect(configuration.redactedDescription.contains("http.tokens = (secret) [credential"))
        #expect(!configuration.redactedDescription.contains("abab"))
        let pasted = try ConfigurationFixture(flags: ["http.tokens": "actd_a_\(Self.secret)"])
        #expect(pasted.problems().count == 1)
        #expect(pasted.problems().allSatisfy { !$0.contains(Self.secret) })
    }

    @Test func areNotShownWhenMistypedElsewhere() throws {
        let fixture = try ConfigurationFixture(
            yaml: "database:\n  pasword: \(Self.secret)\nkey: [\(Self.secret)]\n",
            dotEnv: "ACTIVITYD_DATABASE_PASSWORD '\(Self.secret)'\nACTIVITYD_PASSWD=\(Self.secret)",
            flags: ["database.passwort": Self.secret],
        )
        #expect(fixture.problems().count == 5)
        #expect(fixture.problems().allSatisfy { !$0.contains(Self.secret) })
    }

    @Test func theDescriptionHasALineForEachKey() throws {
        let fixture = try ConfigurationFixture(
            yaml: "database:\n  password: \(Self.secret)\nlog: {level: debug}",
            environment: ["POSTGRES_HOST": "h"],
        )
        let lines = try fixture.withoutDirectory(fixture.load().redactedDescription).split(separator: "\n")
        #expect(lines.count == ConfigurationKey.all.count)
        #expect(
            lines.prefix(7) == [
                "database.url = (secret) [environment variable POSTGRES_HOST]",
                "database.password = (secret) [activityd.yaml:2]",
                "database.readUrl = (empty) [default]",
                "database.schema = activity [default]",
                "directus.schema = public [default]",
                "redis.url = redis://127.0.0.1:6379 [default]",
                "redis.password = (empty) [default]",
            ]
        )
        #expect(lines.contains("log.level = debug [activityd.yaml:3]"))
        #expect(lines.contains("windows.days = 1,7,14,30,90 [default]"))
    }

    @Test(arguments: [
        ("p", "p"), ("p\n", "p"), ("p\r\n", "p"), ("p\n\n", "p\n"), (" p ", " p "), ("", ""), ("\n", ""),
    ])
    func aCredentialLosesItsLineEnd(_ file: String, _ password: String) throws {
        let fixture = try ConfigurationFixture(credentials: [
            "redis.password": file, "unrelated": "x", "log.level": "x",
        ])
        #expect(try fixture.load().redis.password.revealed == password)
    }

    @Test func aCredentialThatCannotBeReadIsAProblem() throws {
        let fixture = try ConfigurationFixture(credentials: ["other": ""])
        try fixture.directory.write("\u{0}", to: "credentials/database.password")
        #expect(
            fixture.problems() == [
                "credential credentials/database.password: database.password: refused the secret value; "
                    + "accepted: any text without a null character"
            ]
        )
        var directory = try ConfigurationFixture()
        try directory.directory.write("", to: "redis.password/x")
        directory.environment["CREDENTIALS_DIRECTORY"] = directory.directory.path
        #expect(directory.problems() == ["credential redis.password: cannot be read: Is a directory"])
    }
}
