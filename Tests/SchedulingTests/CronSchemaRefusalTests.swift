import PostgresClient
import TestServers
import Testing

/// What pg_cron refuses, in its words and its order.
struct CronSchemaRefusalTests {
    enum Caller: Sendable { case alice, administrator, limitedAdministrator }

    struct Refused: CustomStringConvertible, Sendable {
        var caller: Caller
        var statement: String
        var answer: String
        var description: String { statement }

        init(_ caller: Caller, _ statement: String, _ answer: String) {
            (self.caller, self.statement, self.answer) = (caller, statement, answer)
        }
    }

    private static let hint = "[Use cron format (e.g. 5 4 * * *), or interval format '[1-59] seconds']"
    private static let noLogin = "(Jobs may only be run by roles that have the LOGIN attribute.)"
    private static let superuserOff =
        "(Scheduling jobs as superuser is disallowed when cron.enable_superuser_jobs is set to off.)"

    static let scheduling = [
        Refused(.alice, "SELECT cron.schedule(NULL, NULL, NULL)", "22004 job_name can not be NULL"),
        Refused(.alice, "SELECT cron.schedule('n', NULL, NULL)", "22004 schedule can not be NULL"),
        Refused(.alice, "SELECT cron.schedule('n', 'bad', NULL)", "22004 command can not be NULL"),
        Refused(.alice, "SELECT cron.schedule('n', 'bad', 'x')", "22023 invalid schedule: bad \(hint)"),
        Refused(.alice, "SELECT cron.schedule('bad', 'x')", "22023 invalid schedule: bad \(hint)"),
        Refused(
            .alice,
            "SELECT cron.put_job('n', '1 second', 'x', 'nowhere', 'nobody', true)",
            "42501 must be superuser to create a job for another role",
        ),
        Refused(
            .alice,
            "SELECT cron.schedule_in_database('n', '1 second', 'x', 'postgres')",
            "42501 permission denied for function schedule_in_database",
        ),
        Refused(
            .administrator,
            "SELECT cron.schedule_in_database('n', 'bad', 'x', 'nowhere', 'nobody')",
            "22023 invalid schedule: bad \(hint)",
        ),
        Refused(
            .administrator,
            "SELECT cron.schedule_in_database('n', '1 second', 'x', 'nowhere', 'nobody')",
            "42704 role \"nobody\" does not exist",
        ),
        Refused(
            .administrator,
            "SELECT cron.schedule_in_database('n', '1 second', 'x', 'postgres', 'POSTGRES')",
            "42704 role \"POSTGRES\" does not exist",
        ),
        Refused(
            .administrator,
            "SELECT cron.schedule_in_database('n', '1 second', 'x', 'nowhere', 'pg_monitor')",
            "55000 role \"pg_monitor\" can not log in \(noLogin)",
        ),
        Refused(
            .limitedAdministrator,
            "SELECT cron.schedule_in_database('n', '1 second', 'x', 'nowhere')",
            "42501 cannot schedule jobs as superuser \(superuserOff)",
        ),
        Refused(
            .administrator,
            "SELECT cron.schedule_in_database('n', '1 second', 'x', 'nowhere')",
            "3D000 database \"nowhere\" does not exist",
        ),
    ]

    static let altering = [
        Refused(.alice, "SELECT cron.alter_job(1)", "42501 permission denied for function alter_job"),
        Refused(.administrator, "SELECT cron.alter_job(NULL)", "22004 job_id can not be NULL"),
        Refused(
            .administrator,
            "SELECT cron.alter_job(1, schedule => 'bad', username => 'nobody')",
            "42704 role \"nobody\" does not exist",
        ),
        Refused(
            .administrator,
            "SELECT cron.alter_job(1, schedule => 'bad', database => 'nowhere')",
            "3D000 database \"nowhere\" does not exist",
        ),
        Refused(
            .administrator,
            "SELECT cron.alter_job(99, schedule => 'bad')",
            "22023 invalid schedule: bad \(hint)",
        ),
        Refused(
            .administrator,
            "SELECT cron.alter_job(99)",
            "22023 no updates specified "
                + "[You must specify at least one job attribute to change when calling alter_job]",
        ),
        Refused(
            .administrator,
            "SELECT cron.alter_job(99, active => true)",
            "P0002 Job 99 does not exist or you don't own it",
        ),
    ]

    static let unscheduling = [
        Refused(.alice, "SELECT cron.unschedule(42)", "P0002 could not find valid entry for job 42"),
        Refused(.alice, "SELECT cron.unschedule('name')", "P0002 could not find valid entry for job 'name'"),
    ]

    static let policies = [
        Refused(
            .alice,
            "SELECT cron.set_policy(1, timezone => '../../etc/passwd')",
            "22023 invalid timezone '../../etc/passwd'; "
                + "accepted is a name of pg_timezone_names, such as Europe/Berlin",
        ),
        Refused(
            .alice,
            "SELECT cron.set_policy(1, overlap => 'maybe')",
            "22023 invalid overlap 'maybe'; accepted are skip, queue and allow",
        ),
        Refused(
            .alice,
            "SELECT cron.set_policy(1, catch_up => 'maybe')",
            "22023 invalid catch_up 'maybe'; accepted are none, latest and all",
        ),
        Refused(
            .alice,
            "SELECT cron.set_policy(1, catch_up_limit => 0)",
            "22023 invalid catch_up_limit 0; accepted is 1 to 10000",
        ),
        Refused(
            .alice,
            "SELECT cron.set_policy(1, timeout => '-1 s')",
            "22023 invalid timeout -00:00:01; accepted is 1 ms to 31 days",
        ),
        Refused(
            .alice,
            "SELECT cron.set_policy(1, retries => 101)",
            "22023 invalid retries 101; accepted is 0 to 100",
        ),
        Refused(
            .alice,
            "SELECT cron.set_policy(1, jitter => '2 days')",
            "22023 invalid jitter 2 days; accepted is 0 to 1 day",
        ),
        Refused(.alice, "SELECT cron.set_policy(99, retries => 1)", "P0002 Job 99 does not exist or you don't own it"),
        Refused(
            .alice,
            "SELECT cron.set_policy('name', retries => 1)",
            "P0002 could not find valid entry for job 'name'",
        ),
    ]

    // One database for all, since nothing that is refused changes it.
    private static let database = Task { try await CronDatabase() }

    @Test(arguments: scheduling + altering + unscheduling + policies)
    func refuses(_ refused: Refused) async throws {
        let database = try await Self.database.value
        let (role, settings) =
            switch refused.caller {
            case .alice: (database.alice, "")
            case .administrator: (database.administrator, "")
            case .limitedAdministrator: (database.administrator, "SET cron.enable_superuser_jobs = off; ")
            }
        #expect(try await database.refusal(settings + refused.statement, as: role) == refused.answer)
    }

    @Test func refusesADatabaseThatTheRoleMayNotConnectTo() async throws {
        let database = try await CronDatabase()
        let closed = try await CronDatabase()
        try await database.execute("REVOKE CONNECT ON DATABASE \(closed.name) FROM PUBLIC", as: database.administrator)
        let answer = try await database.refusal(
            "SELECT cron.schedule_in_database('n', '1 second', 'x', '\(closed.name)', '\(database.alice)')",
            as: database.administrator,
        )
        #expect(answer == "42501 User \(database.alice) does not have CONNECT privilege on \(closed.name)")
    }

    @Test func refusesToGiveAJobAwayWithoutBeingSuperuser() async throws {
        let database = try await CronDatabase()
        try await database.execute(
            "GRANT EXECUTE ON FUNCTION cron.alter_job TO \(database.alice)",
            as: database.daemon,
        )
        try await database.execute("SELECT cron.schedule('1 second', 'x')", as: database.alice)
        let answer = try await database.refusal(
            "SELECT cron.alter_job(1, username => '\(database.bob)')",
            as: database.alice,
        )
        #expect(answer == "42501 must be superuser to alter username")
    }
}
