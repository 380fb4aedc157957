import Testing

@testable import PostgresClient

@Suite struct ConnectionKeywordsTests {
    @Test func takesAURIApart() throws {
        let configuration = PostgresConfiguration(
            connectionString: "postgresql://u%40x:p%40ss@one:5433,two:5434/db?sslmode=require&tcp_user_timeout=7"
        )
        let values = try ConnectionKeywords(configuration).values
        #expect(values["host"] == "one,two")
        #expect(values["port"] == "5433,5434")
        #expect(values["user"] == "u@x")
        #expect(values["password"] == "p@ss")
        #expect(values["dbname"] == "db")
        #expect(values["sslmode"] == "require")
        #expect(values["tcp_user_timeout"] == "7")
        #expect(values["keepalives_idle"] == "10")
    }

    @Test func thePasswordOfTheConfigurationWins() throws {
        var configuration = PostgresConfiguration(connectionString: "host=one password=old")
        configuration.password = "new"
        let keywords = try ConnectionKeywords(configuration)
        #expect(keywords.values["password"] == "new")
        #expect(keywords.scrub("it is new") == "it is ***")
    }

    @Test func anotherRoleDoesNotGetThePassword() throws {
        var configuration = PostgresConfiguration(connectionString: "host=one user=me password=mine dbname=here")
        configuration.password = "newer"
        (configuration.database, configuration.role) = ("there", "other")
        let values = try ConnectionKeywords(configuration).values
        #expect(values["dbname"] == "there")
        #expect(values["user"] == "other")
        #expect(values["password"] == nil)
        configuration.role = "me"
        #expect(try ConnectionKeywords(configuration).values["password"] == "newer")
    }

    @Test(arguments: [
        "postgresql://u:secret@host/db?unknown=secret", "host=one secret", "postgresql://u:se%zzsecret@host",
        "password='secret", "postgresql://u:pa@secret@host/db", "host=a\u{0}secret",
    ])
    func complaintsDoNotQuoteTheConnectionString(_ connectionString: String) {
        let error = #expect(throws: PostgresError.self) {
            try ConnectionKeywords(PostgresConfiguration(connectionString: connectionString))
        }
        #expect(error?.code == .misuse)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func configurationsDoNotShowTheirSecrets() {
        var configuration = PostgresConfiguration(connectionString: "host=one password=secret")
        configuration.password = "secret"
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("secret"))
        }
    }
}
