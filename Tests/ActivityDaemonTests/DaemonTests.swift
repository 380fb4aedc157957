import Foundation
import PostgresClient
import TestServers
import Testing

/// The whole daemon as a process, against real servers that fail.
@Suite(.serialized)
struct DaemonTests {
    private static let schema = """
        CREATE TABLE directus_activity (
            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50), user_agent text,
            collection varchar(64) NOT NULL, item varchar(255) NOT NULL, origin varchar(255)
        );
        """

    private static func rows(_ count: Int) -> String {
        """
        INSERT INTO directus_activity (action, "user", "timestamp", ip, collection, item)
        SELECT 'create', md5((n % 50)::text)::uuid, now() - n * interval '20 milliseconds', '10.0.0.' || n % 100, 'c' || n % 9, 'x'
        FROM generate_series(1, \(count)) AS n
        """
    }

    @Test func countsEveryRowOnceHoweverOftenItIsKilled() async throws {
        let server = try await PostgresServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        let redis = try await RedisServer.start()
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        _ = try await client.withConnection { try await $0.execute(script: Self.schema + Self.rows(60_000)) }
        var fed: Int64 = 0
        for round in 1...6 {
            let daemon = try DaemonProcess(database: database, redis: redis.url, settings: ["feed.batchSize=5000"])
            // The first rounds may end within the first run, the others while new rows arrive.
            try await eventually("round \(round) has fed more than \(fed) rows") {
                let count = try? await client.query("SELECT row_count FROM activity.feed").value(0, 0, as: Int64.self)
                return (count ?? 0) > fed
            }
            await daemon.kill9()
            fed = try await client.query("SELECT row_count FROM activity.feed").value(0, 0)
            _ = try await client.query(Self.rows(7))
        }
        let daemon = try DaemonProcess(database: database, redis: redis.url)
        try await daemon.waitUntilReady()
        let total: Int64 = try await client.query("SELECT count(*) FROM directus_activity").value(0, 0)
        try await eventually("the dashboard counts \(total) rows") { try await daemon.total(days: 1) == Int(total) }
        #expect(try await client.query("SELECT sum(events)::bigint FROM activity.fact").value(0, 0) == total)
        #expect(await daemon.terminate() == 0)
        await redis.stop()
    }

    @Test func fillsTheViewsOnceTheFactsAreComplete() async throws {
        let server = try await PostgresServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        _ = try await client.withConnection { try await $0.execute(script: Self.schema + Self.rows(1000)) }
        // Slots that are years away, so that nothing but the start fills the views.
        let settings = ["refresh-hourly-stats", "refresh-daily-summary", "refresh-collection-stats"]
            .map { "jobs.\($0).schedule=0 0 29 2 *" }
        let redis = try await RedisServer.shared
        let daemon = try DaemonProcess(
            database: database,
            redis: redis.url,
            settings: settings + ["redis.prefix=views:"],
        )
        for (view, events) in [
            ("hourly_stats", "activity_count"), ("daily_summary", "activity_count"),
            ("collection_stats", "total_activity"),
        ] {
            try await eventually("mv_activity_\(view) holds all rows") {
                let question = "SELECT sum(\(events))::bigint FROM activity.mv_activity_\(view)"
                return (try? await client.query(question).value(0, 0, as: Int64?.self)) == 1000
            }
        }
        #expect(await daemon.terminate() == 0)
    }

    @Test func startsBeforeItsServersAndOutlivesThem() async throws {
        let server = try await PostgresServer.start()
        let redis = try await RedisServer.start()
        let client = PostgresClient(PostgresConfiguration(connectionString: server.connectionString()))
        _ = try await client.withConnection { try await $0.execute(script: Self.schema + Self.rows(1000)) }
        await client.close()
        try await server.stop()
        await redis.kill9()

        let daemon = try DaemonProcess(
            database: server.connectionString(),
            redis: redis.url,
            settings: ["jobs.precompute.schedule=1 seconds", "jobs.ingest.schedule=1 seconds"],
        )
        try await eventually("the daemon listens") { try await daemon.get("/livez")?.status == 200 }
        #expect(try await daemon.get("/readyz")?.status == 503)
        #expect(try await daemon.get("/api/activity/dashboard")?.status == 503)
        try await eventually("it says what is down") { try await daemon.status(of: "postgres") == "down" }
        try await eventually("it says what is down") { try await daemon.status(of: "redis") == "down" }

        try await server.startAgain()
        try await eventually("it serves") { try await daemon.total(days: 1) == 1000 }
        try await redis.startAgain()
        try await eventually("it publishes") { try await daemon.status(of: "redis") == "up" }

        try await server.stop(mode: .immediate)
        await redis.kill9()
        try await eventually("its answers grow old") {
            let answer = try await daemon.get("/api/activity/dashboard")
            #expect(answer?.status == 200)
            return answer?.headers["X-Activity-Stale"] == "1" && Int(answer?.headers["Age"] ?? "") ?? 0 > 3
        }
        try await server.startAgain()
        try await redis.startAgain()
        _ = try await connect(to: server).withConnection { try await $0.execute(script: Self.rows(5)) }
        try await eventually("it has recovered") { try await daemon.total(days: 1) == 1005 }
        try await eventually("redis is up again") { try await daemon.status(of: "redis") == "up" }
        #expect(await daemon.terminate() == 0)
        await redis.stop()
        try await server.remove()
    }

    @Test func answersEveryReadWithoutItsServersAndSaysHowOldItIs() async throws {
        let server = try await PostgresServer.start()
        let redis = try await RedisServer.start()
        _ = try await connect(to: server).withConnection { try await $0.execute(script: Self.schema + Self.rows(1000)) }
        let daemon = try DaemonProcess(
            database: server.connectionString(),
            redis: redis.url,
            settings: ["jobs.precompute.schedule=1 seconds", "jobs.ingest.schedule=1 seconds"],
        )
        try await eventually("it serves") { try await daemon.total(days: 1) == 1000 }
        try await server.stop(mode: .immediate)
        await redis.kill9()
        let stopped = Date.now

        // Rendered ahead, computed when it is asked for, and cut out.
        let targets = ["dashboard", "dashboard?days=13", "hourly?hours=100", "ips?limit=3&minActivity=1", "users"]
        var witness = AgeWitness()
        while witness.ages.max() ?? 0 < 7 {
            for target in targets {
                let asked = Date.now
                let answer = try #require(try await daemon.get("/api/activity/\(target)"))
                try #require(answer.status == 200)
                let age = try #require(answer.headers["Age"].flatMap { Int($0) })
                #expect((answer.headers["X-Activity-Stale"] == "1") == (age > 3))
                witness.add(age, askedAt: asked, answeredAt: .now)
            }
        }
        #expect(witness.agrees, "computed after \(witness.earliest) and before \(witness.latest)?")
        // What was on its way when the servers went away may still have come out.
        #expect(abs(witness.latest - stopped.timeIntervalSince1970) < 3)
        #expect(witness.ages.isSuperset(of: 2...7))
        #expect(await daemon.terminate() == 0)
        await redis.stop()
        try await server.remove()
    }

    @Test func namesWhatIsWrongWithDirectussTableInOneLine() async throws {
        let server = try await PostgresServer.shared
        let redis = try await RedisServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        let daemon = try DaemonProcess(database: database, redis: redis.url)
        try await eventually("it complains") {
            daemon.lines.contains { $0.contains("directus_activity does not exist") }
        }
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        try await eventually("it has tried again and again") {
            try await client.query(
                "SELECT count(*) FROM activity.job_run WHERE job = 'ingest' AND status = 'failed'"
            ).value(0, 0, as: Int64.self) >= 3
        }
        await client.close()
        // One of the feed and one of the job.
        #expect(daemon.lines.filter { $0.contains("does not exist") }.count == 2)
        #expect(await daemon.terminate() == 0)
    }

    @Test func readsAReplicaAndRepairsDriftThatItFindsThere() async throws {
        let server = try await PostgresServer.start(settings: ["synchronous_commit": "on"])
        let redis = try await RedisServer.shared
        let client = connect(to: server)
        _ = try await client.withConnection {
            try await $0.execute(
                script: Self.schema + Self.rows(1000) + """
                    ;CREATE INDEX ON directus_activity ("timestamp");
                    INSERT INTO directus_activity (action, "timestamp", collection, item)
                    SELECT 'create', date_trunc('hour', now()) - n * interval '55 minutes', 'c', 'x'
                    FROM generate_series(1, 5) AS n
                    """
            )
        }
        let replica = try await server.startReplica()
        let addresses = ["database.url=\(server.connectionString())", "redis.url=\(redis.url)"]
        let readURL = "database.readUrl=\(replica.connectionString())"
        let daemon = try DaemonProcess(
            database: server.connectionString(),
            redis: redis.url,
            settings: [readURL, "jobs.precompute.schedule=1 seconds", "jobs.ingest.schedule=1 seconds"],
        )
        try await daemon.waitUntilReady()
        try await eventually("it reads the replica") { try await daemon.status(of: "replica") == "up" }
        let check = try await ProgramRun(["check"] + (addresses + [readURL]).flatMap { ["--set", $0] })
        #expect(check.output.contains("ok   replica"), "\(check.output)")

        _ = try await client.query("DELETE FROM directus_activity WHERE id = 1002")
        try await eventually("the replica has lost the row") {
            try await connect(to: replica).query("SELECT count(*) = 0 FROM directus_activity WHERE id = 1002")
                .value(0, 0)
        }
        let reconcile = try await ProgramRun(["jobs", "run", "reconcile"] + addresses.flatMap { ["--set", $0] })
        #expect(reconcile.output.contains("1 repaired: ") && reconcile.output.contains("Z deleted (1 → 0)"))
        #expect(daemon.lines.contains { $0.contains("facts had drifted") && $0.contains("drift.cause=deleted") })

        try await replica.stop()
        _ = try await client.query(Self.rows(5))
        try await eventually("it reads the primary") { try await daemon.total(days: 1) == 1009 }
        try await eventually("it says so") { try await daemon.status(of: "replica") == "down" }
        #expect(await daemon.terminate() == 0)
        await client.close()
    }

    private func connect(to server: PostgresServer) -> PostgresClient {
        PostgresClient(PostgresConfiguration(connectionString: server.connectionString()))
    }
}
