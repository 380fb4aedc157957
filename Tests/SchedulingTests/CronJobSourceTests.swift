import PostgresClient
import TestServers
import Testing

@testable import Scheduling

/// Rows of `cron.job` as jobs.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CronJobSourceTests {
    private let source = CronJobSource(timeZones: TimeZoneDatabase(), defaultZone: "UTC")

    private func load(_ database: ScheduledDatabase, _ source: CronJobSource? = nil) async throws
        -> CronJobSource.Contents
    {
        try await database.client.withConnection { try await (source ?? self.source).load($0) }
    }

    private func state(_ database: ScheduledDatabase) async throws -> CronSchema.State {
        try await database.client.withConnection { try await CronSchema.state($0) }
    }

    // MARK: Rows

    @Test func makesJobsOfRows() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        try await database.execute(
            """
            SELECT cron.schedule('nightly', '0 3 * * *', 'VACUUM');
            SELECT cron.schedule('30 seconds', 'SELECT 1');
            """
        )
        let contents = try await load(database)
        #expect(contents.refusals.isEmpty)
        #expect(contents.jobs.map(\.name) == ["cron:1", "cron:2"])
        #expect(contents.jobs.map(\.definition) == ["0 3 * * * in UTC", "30 seconds in UTC"])
        #expect(contents.jobs.map(\.isActive) == [true, true])
        #expect(contents.jobs.map(\.policy) == [JobPolicy(), JobPolicy()])
        let session = JobSession(database: database.name, role: "postgres")
        let commands = contents.jobs.compactMap { job in
            if case .command(let command) = job.action { command } else { nil }
        }
        #expect(commands == [JobCommand("VACUUM", session), JobCommand("SELECT 1", session)])
    }

    @Test func readsEveryColumnOfAPolicy() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        try await database.execute(
            """
            SELECT cron.schedule('n', '0 3 * * *', 'x');
            SELECT cron.set_policy(1, timezone => 'Europe/Berlin', overlap => 'queue', catch_up => 'all',
                catch_up_limit => 7, timeout => '90.5 s', retries => 3, jitter => '1 min 250 ms');
            """
        )
        let job = try #require(try await load(database).jobs.first)
        #expect(job.definition == "0 3 * * * in Europe/Berlin")
        #expect(job.timeZone == (try TimeZoneDatabase().rules("Europe/Berlin")))
        #expect(job.policy.overlap == .queue)
        #expect(job.policy.catchUp == .all)
        #expect(job.policy.catchUpLimit == 7)
        #expect(job.policy.timeout == .milliseconds(90_500))
        #expect(job.policy.retries == 3)
        #expect(job.policy.jitter == .milliseconds(60_250))
    }

    @Test(arguments: JobPolicy.Overlap.allCases, JobPolicy.CatchUp.allCases)
    func knowsTheServersWords(overlap: JobPolicy.Overlap, catchUp: JobPolicy.CatchUp) async throws {
        let database = try await ScheduledDatabase(withCron: true)
        try await database.execute(
            """
            SELECT cron.schedule('n', '0 3 * * *', 'x');
            SELECT cron.set_policy(1, overlap => '\(overlap)', catch_up => '\(catchUp)');
            """
        )
        let policy = try #require(try await load(database).jobs.first).policy
        #expect(policy.overlap == overlap && policy.catchUp == catchUp)
        await database.client.close(grace: .zero)
    }

    @Test func takesTheDefaultsForWhatAPolicyDoesNotSay() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        try await database.execute(
            "SELECT cron.schedule('n', '0 3 * * *', 'x'); SELECT cron.set_policy(1, retries => 2)"
        )
        var expected = JobPolicy()
        expected.retries = 2
        #expect(try await load(database).jobs.map(\.policy) == [expected])
    }

    @Test func countsInTheDaemonsZoneWhereAJobNamesNone() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        try await database.execute(
            """
            SELECT cron.schedule('0 3 * * *', 'x'); SELECT cron.schedule('0 4 * * *', 'y');
            SELECT cron.set_policy(2, timezone => 'UTC');
            """
        )
        let source = CronJobSource(timeZones: TimeZoneDatabase(), defaultZone: "Asia/Tokyo")
        let definitions = try await load(database, source).jobs.map(\.definition)
        #expect(definitions == ["0 3 * * * in Asia/Tokyo", "0 4 * * * in UTC"])
    }

    @Test func knowsWhatIsNotActive() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        try await database.execute(
            """
            SELECT cron.schedule('a', '0 3 * * *', 'x'); SELECT cron.schedule('b', '0 3 * * *', 'x');
            SELECT cron.alter_job(1, active => false);
            """
        )
        #expect(try await load(database).jobs.map(\.isActive) == [false, true])
    }

    @Test func readsTheRowsOfAllRolesAndDatabases() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        try await database.execute(
            """
            INSERT INTO cron.job (schedule, command, database, username)
            VALUES ('1 second', E'SELECT \\'Grüße\\';\\nSELECT 2', 'some where', 'No "body"')
            """
        )
        let job = try #require(try await load(database).jobs.first)
        guard case .command(let command) = job.action else {
            Issue.record("no command")
            return
        }
        #expect(command.sql == "SELECT 'Grüße';\nSELECT 2")
        #expect(command.session == JobSession(database: "some where", role: "No \"body\""))
    }

    // MARK: Refusals

    @Test func refusesAMalformedRowAlone() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        try await database.execute(
            """
            SELECT cron.schedule('a', '0 3 * * *', 'x'); SELECT cron.schedule('b', '0 3 * * *', 'x');
            SELECT cron.schedule('c', '0 3 * * *', 'x'); SELECT cron.schedule('d', '0 3 * * *', 'x');
            SELECT cron.schedule('e', '0 3 * * *', 'x');
            UPDATE cron.job SET schedule = '61 * * * *' WHERE jobid = 2;
            INSERT INTO cron.job_policy (jobid, timezone) VALUES (3, 'Mars/Olympus'), (4, '/etc/passwd');
            """
        )
        let contents = try await load(database)
        #expect(contents.jobs.map(\.name) == ["cron:1", "cron:5"])
        let refused = contents.refusals.compactMap { refusal in
            if case .row(let job, let reason) = refusal { (job: job, reason: reason) } else { nil }
        }
        #expect(refused.map(\.job) == ["cron:2", "cron:3", "cron:4"])
        for (refusal, text) in zip(refused, ["61", "Mars/Olympus", "/etc/passwd"]) {
            #expect(refusal.reason.contains(text))
        }
        guard case .refusedJob("cron:2", let reason) = try #require(contents.refusals.first).observation else {
            Issue.record("another observation")
            return
        }
        #expect(reason == refused.first?.reason)
        // Mended, it is a job again.
        try await database.execute("UPDATE cron.job SET schedule = '1 * * * *' WHERE jobid = 2")
        #expect(try await load(database).jobs.map(\.name) == ["cron:1", "cron:2", "cron:5"])
    }

    static let schedules = [
        "", " ", "* * * *", "@fortnightly", "60 seconds", "0 0 30 2 *", "0 0 * * * * *", "\u{1F600}",
    ]

    @Test func refusesSchedulesThatOnlyASuperuserCouldPutThere() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        for schedule in Self.schedules + [String(repeating: "*", count: 2_000)] {
            try await database.execute("INSERT INTO cron.job (schedule, command) VALUES ('\(schedule)', 'x')")
        }
        let contents = try await load(database)
        #expect(contents.jobs.isEmpty)
        #expect(contents.refusals.count == Self.schedules.count + 1)
    }

    @Test func refusesAllWithoutAZoneWhenTheDefaultIsNone() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        try await database.execute(
            """
            SELECT cron.schedule('0 3 * * *', 'x'); SELECT cron.schedule('0 4 * * *', 'y');
            SELECT cron.set_policy(2, timezone => 'Europe/Berlin');
            """
        )
        let source = CronJobSource(timeZones: TimeZoneDatabase(), defaultZone: "Nowhere")
        let contents = try await load(database, source)
        #expect(contents.jobs.map(\.name) == ["cron:2"])
        #expect(contents.refusals.count == 1)
    }

    // MARK: Whose schema it is

    @Test func hasNoJobsWithoutTheSchema() async throws {
        let database = try await ScheduledDatabase()
        #expect(try await state(database) == .absent)
        let contents = try await load(database)
        #expect(contents.jobs.isEmpty && contents.refusals.isEmpty)
    }

    @Test func recognisesItsOwnSchema() async throws {
        #expect(try await state(ScheduledDatabase(withCron: true)) == .installed)
    }

    @Test func leavesASchemaAloneThatSomebodyElseMade() async throws {
        let database = try await ScheduledDatabase()
        try await database.execute("CREATE SCHEMA cron; CREATE TABLE cron.job (jobid bigint)")
        let reason = "schema \"cron\" belongs to somebody else"
        #expect(try await state(database) == .unavailable(reason: reason))
        let contents = try await load(database)
        #expect(contents.jobs.isEmpty)
        #expect(contents.refusals == [.schema(reason: reason)])
    }

    @Test func leavesTheExtensionAlone() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        // An entry is enough to be found; the extension itself need not be installed on this machine.
        try await database.execute(
            """
            SET allow_system_table_mods = on;
            INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
            VALUES (99999, 'pg_cron', 10, 11, false, '1.6');
            RESET allow_system_table_mods;
            """
        )
        guard case .unavailable(let reason) = try await state(database) else {
            Issue.record("the extension was not noticed")
            return
        }
        #expect(reason.contains("pg_cron") && reason.contains("import-pg-cron"))
        #expect(try await load(database).jobs.isEmpty)
    }

    @Test func leavesTheSchemaOfAnotherRoleAlone() async throws {
        let database = try await ScheduledDatabase(withCron: true)
        let role = "stranger_to_\(database.name)"
        try await database.execute("CREATE ROLE \(role) LOGIN")
        var configuration = database.configuration
        configuration.role = role
        let client = PostgresClient(configuration)
        let state = try await client.withConnection { try await CronSchema.state($0) }
        #expect(state == .unavailable(reason: "schema \"cron\" belongs to somebody else"))
        await client.close()
    }

    @Test func saysWhatItMayNotMake() async throws {
        let database = try await ScheduledDatabase()
        let role = "reader_of_\(database.name)"
        try await database.execute("CREATE ROLE \(role) LOGIN")
        var configuration = database.configuration
        configuration.role = role
        let client = PostgresClient(configuration)
        guard case .unavailable(let reason) = try await client.withConnection({ try await CronSchema.state($0) }) else {
            Issue.record("a role without the privilege could make a schema")
            return
        }
        #expect(reason.contains("CREATE SCHEMA cron AUTHORIZATION"))
        try await database.execute("GRANT CREATE ON DATABASE \(database.name) TO \(role)")
        #expect(try await client.withConnection { try await CronSchema.state($0) } == .absent)
        await client.close()
    }
}
