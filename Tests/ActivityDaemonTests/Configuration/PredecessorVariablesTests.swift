import Testing

@testable import ActivityDaemon

@Suite struct PredecessorVariablesTests {
    @Test(
        arguments: [
            (["POSTGRES_HOST": "db"], "host='db'"),
            (["POSTGRES_PORT": "5433"], "port='5433'"),
            (["POSTGRES_DB": "b"], "dbname='b'"),
            (["POSTGRES_DATABASE": "a", "POSTGRES_DB": "b"], "dbname='a'"),
            (
                ["POSTGRES_HOST": "::1", "POSTGRES_PORT": "1", "POSTGRES_USER": "u", "POSTGRES_DATABASE": "d"],
                "host='::1' port='1' user='u' dbname='d'",
            ),
            (["POSTGRES_USER": "o'neil \\ x", "POSTGRES_HOST": "a,b"], "host='a,b' user='o\\'neil \\\\ x'"),
            (["POSTGRES_DB": "d' host='evil"], "dbname='d\\' host=\\'evil'"),
        ]
    )
    func makesAConnectionString(_ environment: [String: String], _ expected: String) throws {
        #expect(try ConfigurationFixture(environment: environment).load().database.url.revealed == expected)
    }

    @Test(
        arguments: [
            (["REDIS_HOST": "cache"], "redis://cache:6379"),
            (["REDIS_PORT": "6380"], "redis://127.0.0.1:6380"),
            (["REDIS_HOST": "::1", "REDIS_PORT": "1"], "redis://[::1]:1"),
            (["REDIS_HOST": "[::1]"], "redis://[::1]:6379"),
        ]
    )
    func makesARedisURL(_ environment: [String: String], _ expected: String) throws {
        #expect(try ConfigurationFixture(environment: environment).load().redis.url.revealed == expected)
    }

    @Test func readsPasswordsOnTheirOwn() throws {
        let fixture = try ConfigurationFixture(environment: ["POSTGRES_PASSWORD": "p'g", "REDIS_PASSWORD": "r"])
        let configuration = try fixture.load()
        #expect(configuration.database.password == "p'g")
        #expect(configuration.database.url.isEmpty)
        #expect(configuration.redis.password == "r")
        #expect(configuration.redis.url == "redis://127.0.0.1:6379")
    }

    @Test func listensOnThePort() throws {
        let configuration = try ConfigurationFixture(environment: ["PORT": "8080"]).load()
        #expect(configuration.http.listen.description == "127.0.0.1:8080")
    }

    @Test func aPasswordOfOursGoesWithTheirServer() throws {
        let fixture = try ConfigurationFixture(
            credentials: ["database.password": "ours"],
            environment: ["POSTGRES_HOST": "db", "POSTGRES_PASSWORD": "theirs"],
        )
        #expect(try fixture.load().database.password == "ours")
        #expect(try fixture.load().database.url == "host='db'")
    }

    @Test func theirPasswordDoesNotGoToOurServer() throws {
        let fixture = try ConfigurationFixture(
            yaml: "database: {url: 'postgresql://ours/d'}\nredis: {url: 'redis://ours'}",
            dotEnv: "POSTGRES_PASSWORD=x\nREDIS_PASSWORD=x\nREDIS_PORT=nonsense",
            environment: ["POSTGRES_HOST": "theirs"],
        )
        let configuration = try fixture.load()
        #expect(configuration.database.url == "postgresql://ours/d")
        #expect(configuration.database.password.isEmpty)
        #expect(configuration.redis.password.isEmpty)
        #expect(
            configuration.notes == [
                "ignored because database.url is set: POSTGRES_HOST, POSTGRES_PASSWORD",
                "ignored because redis.url is set: REDIS_PORT, REDIS_PASSWORD",
            ]
        )
    }

    @Test func notesTheVariablesWithoutEffect() throws {
        let fixture = try ConfigurationFixture(
            dotEnv: "CACHE_TTL_DASHBOARD=60\nNODE_ENV=production",
            environment: ["SLOW_QUERY_THRESHOLD": "1", "ENABLE_CACHE_WARMING": "true", "CACHE_TTL_ACTIONS": "1"],
        )
        let configuration = try fixture.load()
        #expect(
            configuration.notes == [
                "known from the predecessor and without effect: "
                    + "CACHE_TTL_ACTIONS, CACHE_TTL_DASHBOARD, ENABLE_CACHE_WARMING, SLOW_QUERY_THRESHOLD"
            ]
        )
        #expect(configuration.origins.isEmpty)
    }

    @Test(arguments: ["POSTGRES_PORT", "REDIS_PORT", "PORT"], ["tcp://10.0.0.1:6379", "0", "+80", "65536"])
    func refusesAPortThatIsNone(_ variable: String, _ value: String) throws {
        let expected = "environment variable \(variable): refused \"\(value)\"; accepted: a port from 1 to 65535"
        #expect(try ConfigurationFixture(environment: [variable: value]).problems() == [expected])
    }
}
