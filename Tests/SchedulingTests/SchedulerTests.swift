import Cron
import Logging
import PostgresClient
import Scheduling
import ServiceLifecycle
import Synchronization
import TestServers
import Testing

/// The scheduler on a real server, with people's jobs and its own.
struct SchedulerTests {
    private func command(_ sql: String, _ policy: JobPolicy = JobPolicy()) throws -> Job {
        Job("job", try CronSchedule("1 second"), policy: policy, action: .command(JobCommand(sql, JobSession())))
    }

    @Test func runsEachSlotOnceAndSaysWhatItAnswered() async throws {
        let database = try await ScheduledDatabase()
        try await withScheduler(database.settings([try command("SELECT generate_series(1, 3)")])) { _, observations in
            try await eventually("three runs ended") { observations.finished.count >= 3 }
        }
        let gaps = try await database.number(
            """
            SELECT count(*) FROM (
                SELECT nominal_at - lag(nominal_at) OVER (ORDER BY nominal_at) AS gap FROM activity.job_run
            ) AS gaps WHERE gap <> interval '1 second'
            """
        )
        #expect(gaps == 0)
        let answers = try await database.client.query(
            "SELECT DISTINCT result FROM activity.job_run WHERE status = 'succeeded'"
        ).map { try $0.value(0, as: String.self) }
        #expect(answers == ["3 rows"])
    }

    @Test(arguments: [
        ("SELECT 1 / 0", "ERROR:  division by zero"),
        ("SELEC", "ERROR:  syntax error at or near \"SELEC\""),
        ("INSERT INTO nowhere VALUES (1)", "ERROR:  relation \"nowhere\" does not exist"),
        ("DO $$ BEGIN FOR n IN 1..20000 LOOP RAISE NOTICE '%', repeat('x', 1000); END LOOP; END $$; SELECT", "1 row"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", "server restarted"),
        ("CREATE TABLE made (); INSERT INTO made DEFAULT VALUES", "INSERT 0 1"),
        ("VACUUM pg_catalog.pg_am", "VACUUM"),
        ("", ""),
    ])
    func recordsTheAnswerOf(_ sql: String, _ answer: String) async throws {
        let database = try await ScheduledDatabase()
        try await withScheduler(database.settings([try command(sql)])) { _, observations in
            try await eventually("a run ended") { !observations.finished.isEmpty }
        }
        let result: String = try await database.client.query(
            "SELECT result FROM activity.job_run WHERE finished_at IS NOT NULL ORDER BY nominal_at LIMIT 1"
        ).value(0, 0)
        #expect(result == answer)
    }

    @Test func endsACommandThatTakesTooLongOnTheServerToo() async throws {
        let database = try await ScheduledDatabase()
        var policy = JobPolicy()
        policy.timeout = .milliseconds(200)
        try await withScheduler(database.settings([try command("SELECT pg_sleep(60)", policy)])) { _, observations in
            try await eventually("the run ended") { !observations.finished.isEmpty }
            #expect(observations.finished.first?.outcome.status == .failed)
            #expect(observations.finished.first?.outcome.reason == "it took longer than 0.2 seconds")
        }
        try await eventually("the server has ended it") {
            try await database.number(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid()"
            ) == 0
        }
    }

    @Test func triesAgainAsOftenAsThePolicySays() async throws {
        let database = try await ScheduledDatabase()
        try await database.execute("CREATE TABLE attempt (n int)")
        var policy = JobPolicy()
        policy.retries = 2
        let job = Job(
            "job",
            try CronSchedule("0 0 1 1 *"),
            policy: policy,
            action: .command(
                JobCommand("INSERT INTO attempt VALUES (1); COMMIT; SELECT 1 / 0", JobSession())
            ),
        )
        try await withScheduler(database.settings([job])) { _, observations in
            try await eventually("the job is known") {
                try await database.number("SELECT count(*) FROM activity.job_state") == 1
            }
            _ = try await database.client.query("UPDATE activity.job_state SET watermark = '2025-06-01'")
            _ = try await database.client.query("SELECT pg_notify('activityd_jobs', '')")
            try await eventually("all attempts are made") { observations.finished.count == 3 }
            #expect(observations.finished.map(\.isRetried) == [true, true, false])
            #expect(observations.finished.map(\.trigger) == [.catchUp, .catchUp, .catchUp])
        }
        #expect(try await database.history(of: "job") == ["failed catch-up the server refused it"])
        #expect(try await database.number("SELECT count(*) FROM attempt") == 3)
    }

    @Test func stopsARunThatSomebodyCancels() async throws {
        let database = try await ScheduledDatabase()
        try await withScheduler(database.settings([try command("SELECT pg_sleep(60)")])) { _, observations in
            try await eventually("it runs on the server") {
                try await database.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT pg_sleep(60)'"
                ) == 1
            }
            _ = try await database.client.query("SELECT activity.request_cancel('job')")
            try await eventually("it ended") { !observations.finished.isEmpty }
            #expect(observations.finished.first?.outcome.status == .canceled)
            #expect(observations.finished.first?.outcome.result == "job canceled")
        }
    }

    @Test func runsABuiltInActionOnceAndLetsOtherDaemonsFollow() async throws {
        let database = try await ScheduledDatabase()
        let (runs, follows) = (Counter(), Counter())
        let job = Job(
            "built-in",
            try CronSchedule("1 second"),
            action: .builtIn(
                BuiltInAction(
                    run: {
                        runs.increment()
                        return runs.value % 2 == 0 ? .skipped("nothing to do") : .done("3 rows")
                    },
                    follow: { follows.increment() },
                )
            ),
        )
        try await withScheduler(database.settings([job])) { _, _ in
            try await withScheduler(database.settings([job])) { _, _ in
                try await eventually("slots were run and followed") { runs.value >= 3 && follows.value >= 3 }
            }
        }
        let history = try await database.history(of: "built-in")
        #expect(history.contains("succeeded schedule"))
        #expect(history.contains("skipped schedule nothing to do"))
        #expect(try await database.number("SELECT count(*) - count(DISTINCT nominal_at) FROM activity.job_run") == 0)
    }

    @Test func runsOnAtOnceWhenTheClockIsSetBackAndCatchesUpWhenItIsSetForward() async throws {
        let database = try await ScheduledDatabase()
        try await withScheduler(database.settings([try command("SELECT 1")])) { _, observations in
            try await eventually("a run ended") { !observations.finished.isEmpty }
            for (step, era) in [(Duration.seconds(3600), 1), (.seconds(-3600), 2), (.zero, 2)] {
                try await database.stepClock(by: step)
                try await eventually("runs go on after a step to \(step)") {
                    try await database.number(
                        "SELECT count(*) FROM activity.job_run WHERE status = 'succeeded' AND era >= \(era) AND nominal_at > activity.scheduler_now() - interval '2 seconds'"
                    ) > 0
                }
            }
        }
        // Every second of each era has its row; what nobody could run is missed.
        let uncovered = try await database.number(
            """
            SELECT count(*) FROM (
                SELECT nominal_at - lag(last_nominal_at) OVER (PARTITION BY era ORDER BY nominal_at) AS gap FROM activity.job_run
            ) AS gaps WHERE gap <> interval '1 second'
            """
        )
        #expect(uncovered == 0)
    }
}

/// How runs end when the daemon stops.
struct SchedulerStopTests {
    private static let running =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%' AND state = 'active'"

    /// Starts a run of this command, has the service group stop as on SIGTERM, and waits until it has stopped.
    private static func stopDuring(_ sql: String, _ database: ScheduledDatabase) async throws -> Observations {
        let job = Job("job", try CronSchedule("1 second"), action: .command(JobCommand(sql, JobSession())))
        let observations = Observations()
        let scheduler = Scheduler(database.settings([job]), observe: observations.record)
        let group = ServiceGroup(
            services: [scheduler],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually("it runs on the server") { try await database.number(running) == 1 }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(scheduler.runsUnderWay == 0)
        #expect(try await database.number("SELECT count(*) FROM activity.job_run WHERE finished_at IS NULL") == 0)
        return observations
    }

    @Test func givesARunTimeToEnd() async throws {
        let database = try await ScheduledDatabase()
        let observations = try await Self.stopDuring("SELECT pg_sleep(2)", database)
        #expect(observations.finished.last?.outcome.status == .succeeded)
    }

    /// It is cancelled on the server, too, and its lease is given up: no other daemon has to wait until that runs out.
    @Test func endsARunThatTakesLonger() async throws {
        let database = try await ScheduledDatabase()
        let observations = try await Self.stopDuring("SELECT pg_sleep(3600)", database)
        #expect(observations.finished.map(\.outcome.status) == [.canceled])
        #expect(try await database.number(Self.running) == 0)
        #expect(try await database.history(of: "job").contains("canceled schedule the daemon was stopped"))
    }
}

/// Counts.
final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock(\.self) }
    func increment() { count.withLock { $0 += 1 } }
}
