import Testing

@testable import ActivityDaemon

@Suite struct EnvironmentFileTests {
    @Test(
        arguments: [
            ("ACTIVITYD_DATABASE_PASSWORD=plain", "plain"),
            ("  export ACTIVITYD_DATABASE_PASSWORD = spaced  ", "spaced"),
            ("ACTIVITYD_DATABASE_PASSWORD=a=b==", "a=b=="),
            ("ACTIVITYD_DATABASE_PASSWORD=a#b # comment", "a#b"),
            ("ACTIVITYD_DATABASE_PASSWORD=# comment", ""),
            ("ACTIVITYD_DATABASE_PASSWORD=\" a # b \" # comment", " a # b "),
            ("ACTIVITYD_DATABASE_PASSWORD=\"a\\\"b\\\\c\\nd\\$\"", "a\"b\\c\nd\\$"),
            ("ACTIVITYD_DATABASE_PASSWORD='a\\n\"b\"'", "a\\n\"b\""),
            ("ACTIVITYD_DATABASE_PASSWORD=''", ""),
            ("ACTIVITYD_DATABASE_PASSWORD=it's", "it's"),
            ("ACTIVITYD_DATABASE_PASSWORD=first\nACTIVITYD_DATABASE_PASSWORD=last", "last"),
            ("ACTIVITYD_DATABASE_PASSWORD=dos\r\nNODE_ENV=production\r\n", "dos"),
            ("#ACTIVITYD_DATABASE_PASSWORD=commented", ""),
            ("not a pair\nKEY=\"-----BEGIN\nabc\n-----END\"\n=x\nACTIVITYD_DATABASE_PASSWORD=after", "after"),
        ]
    )
    func readsValues(_ file: String, _ password: String) throws {
        #expect(try ConfigurationFixture(dotEnv: file).load().database.password.revealed == password)
    }

    @Test(arguments: ["ACTIVITYD_LOG_LEVEL", "ACTIVITYD_LOG_LEVEL='info", "export ACTIVITYD_LOG_LEVEL=\"a\" b"])
    func refusesOurLinesThatAreNotPairs(_ line: String) throws {
        #expect(
            try ConfigurationFixture(dotEnv: "\n\(line)\n").problems() == [
                ".env:2: is not understood; accepted: NAME=value, NAME='value' or NAME=\"value\" on one line"
            ]
        )
    }

    @Test func readsListsWithCommas() throws {
        let fixture = try ConfigurationFixture(dotEnv: "ACTIVITYD_WINDOWS_DAYS=\"30, 1,7,\"")
        #expect(try fixture.load().windows.days == [1, 7, 30])
    }

    @Test func aFileThatCannotBeReadIsAProblem() throws {
        let fixture = try ConfigurationFixture()
        try fixture.directory.write("", to: ".env/file")
        #expect(fixture.problems() == [".env: cannot be read: Is a directory"])
    }
}
