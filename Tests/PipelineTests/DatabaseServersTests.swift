import Activity
import Pipeline
import PostgresClient
import Synchronization
import TestServers
import Testing

/// Each test has a primary and a replica of its own.
struct DatabaseServersTests {
    @Test func aLoadFromTheReplicaIsWhatThePrimaryHas() async throws {
        let pair = try await ServerPair()
        try await pair.feedRows(500)
        try await pair.waitForReplay()
        let loader = DataLoader(pair.database.sql)
        let now = try await pair.now()
        let loaded = try await pair.servers.withReader { connection in
            #expect(try await isReplica(connection))
            return try await loader.load(connection, now: now)
        }
        #expect(pair.takeHeard() == ["read"])
        let expected = try await pair.database.client.withConnection { try await loader.load($0, now: now) }
        #expect(try bodies(loaded, now) == bodies(expected, now))
        #expect(loaded.data.cube.factCount > 100)

        try await pair.feedRows(300)
        try await pair.waitForReplay()
        let next = try await pair.servers.withReader { try await loader.load($0, after: loaded, now: now) }
        let nextExpected = try await pair.database.client.withConnection { try await loader.load($0, now: now) }
        #expect(try bodies(next, now) == bodies(nextExpected, now))
        #expect(next.batch > loaded.batch)
        #expect(pair.takeHeard() == ["read"])
    }

    @Test func aReplicaThatIsBehindIsPassedOver() async throws {
        let pair = try await ServerPair()
        try await pair.feedRows(10)
        try await pair.waitForReplay()
        #expect(try await pair.servers.withReader(isReplica))
        try await pair.pauseReplay()
        // It has all that the primary has, so nothing is older.
        #expect(try await pair.servers.withReader(isReplica))
        try await pair.feedRows(10)
        try await pair.feedRows(10)
        #expect(try await !pair.servers.withReader(isReplica))
        await #expect(throws: ReplicaError.behind(batches: 2)) { try await pair.servers.checkReplica() }
        _ = try await pair.replicaClient.query("SELECT pg_wal_replay_resume()")
        try await pair.waitForReplay()
        #expect(try await pair.servers.withReader(isReplica))
        #expect(pair.takeHeard() == ["read", "read", "\(ReplicaError.behind(batches: 2))", "read"])
    }

    @Test func aReplicaThatIsAwayIsPassedOverUntilItIsBack() async throws {
        let pair = try await ServerPair()
        try await pair.feedRows(10)
        try await pair.waitForReplay()
        #expect(try await pair.servers.withReader(isReplica))
        try await pair.replica.stop()
        for _ in 0..<3 { #expect(try await !pair.servers.withReader(isReplica)) }
        try await pair.replica.startAgain()
        #expect(try await pair.servers.withReader(isReplica))
        let heard = pair.takeHeard()
        #expect(heard.count == 5)
        #expect(heard.first == "read" && heard.last == "read")
        #expect(!heard.dropFirst().dropLast().contains("read"))
    }

    /// PostgreSQL ends a query whose rows the primary has removed.
    @Test func aReadThatConflictsWithRecoveryIsBegunAnewOnThePrimary() async throws {
        let pair = try await ServerPair(settings: ["max_standby_streaming_delay": "0"])
        try await pair.feedRows(100)
        try await pair.waitForReplay()
        let count = Mutex(0)
        let rows = try await pair.servers.withReader { connection in
            count.withLock { $0 += 1 }
            return try await connection.transaction(.repeatableRead, readOnly: true) { connection in
                let rows: Int64 = try await connection.query("SELECT count(*) FROM directus_activity").value(0, 0)
                guard try await isReplica(connection) else { return rows }
                try await pair.database.execute("DELETE FROM directus_activity WHERE id % 2 = 0")
                try await eventually("the conflict ends the query") {
                    // Again and again: it leaves the rows while anybody else, such as autovacuum, has an older snapshot.
                    try await pair.database.execute("VACUUM directus_activity")
                    _ = try await connection.query("SELECT count(*) FROM directus_activity")
                    return false
                }
                return rows
            }
        }
        #expect(count.withLock(\.self) == 2)
        #expect(Int(rows) == (try await pair.database.number("SELECT count(*) FROM directus_activity")))
        #expect(rows < 100)
        let heard = pair.takeHeard()
        #expect(heard.count == 1 && heard.allSatisfy { $0.contains("conflict with recovery") }, "\(heard)")
    }

    @Test func anotherDatabaseIsNotTakenForAReplica() async throws {
        let pair = try await ServerPair()
        let other = try await ActivityDatabase(on: pair.primary)
        let servers = DatabaseServers(
            primary: other.client,
            replica: pair.replicaClient,
            other.sql,
            observe: pair.hear,
        )
        // Further than the other, so that the number of the batch would not tell.
        try await pair.feedRows(10)
        #expect(try await !servers.withReader(isReplica))
        await #expect(throws: ReplicaError.otherDatabase) { try await servers.checkReplica() }
    }

    @Test func aServerThatReplaysNothingIsNotTakenForAReplica() async throws {
        let database = try await ActivityDatabase()
        let copy = PostgresClient(PostgresConfiguration(connectionString: database.connectionString))
        let servers = DatabaseServers(primary: database.client, replica: copy, database.sql, observe: { _ in })
        #expect(try await !servers.withReader(isReplica))
        await #expect(throws: ReplicaError.notAReplica) { try await servers.checkReplica() }
    }

    @Test func driftIsFoundOnTheReplicaAndRepairedOnThePrimary() async throws {
        let pair = try await ServerPair()
        try await pair.database.execute("CREATE INDEX ON directus_activity (\"timestamp\")")
        try await pair.feedRows(2_000)
        try await pair.database.execute("DELETE FROM directus_activity WHERE id % 3 = 0")
        try await pair.waitForReplay()
        let reconciler = Reconciler(pair.servers, pair.database.sql, observe: { _ in })
        guard case .recounted(_, let drifted) = try await reconciler.run() else {
            Issue.record("the index is there")
            return
        }
        #expect(!drifted.isEmpty)
        #expect(drifted.allSatisfy { $0.cause == .deleted })
        #expect(pair.takeHeard() == ["read"])
        #expect(try await pair.database.number("SELECT count(*) FROM activity.drift") == drifted.count)
    }

    /// As after a failover to a server that lacks the last commits.
    @Test func aLoadNeverGoesOnFromABatchThatTheServerDoesNotHave() async throws {
        let database = try await ActivityDatabase()
        let loader = DataLoader(database.sql)
        let now = Timestamp(microseconds: 1_800_000_000_000_000)
        var later = try await database.client.withConnection { try await loader.load($0, now: now) }
        later.batch += 5
        let earlier = later
        let loaded = try await database.client.withConnection { try await loader.load($0, after: earlier, now: now) }
        #expect(loaded.change == .everything)
        #expect(loaded.batch == earlier.batch - 5)
    }

    private func bodies(_ loaded: DataLoader.Loaded, _ now: Timestamp) throws -> [DocumentKey: [UInt8]] {
        Snapshot(Generation(number: 1, fence: 1, computedAt: now), of: loaded.data, windows: Windows())
            .documents.mapValues { Array($0.body()) }
    }
}

@Sendable private func isReplica(_ connection: PostgresConnection) async throws -> Bool {
    try await connection.query("SELECT pg_is_in_recovery()").value(0, 0)
}

/// A primary with a database of Directus, its replica, and what was said about reading them.
private final class ServerPair: Sendable {
    let primary: PostgresServer
    let replica: PostgresServer
    let database: ActivityDatabase
    let replicaClient: PostgresClient
    private let heard = Mutex<[String]>([])

    init(settings: [String: String] = [:]) async throws {
        // Otherwise commits reach the replica when the server writes its log the next time.
        primary = try await PostgresServer.start(settings: ["synchronous_commit": "on"])
        database = try await ActivityDatabase(on: primary)
        replica = try await primary.startReplica(settings: settings)
        let name: String = try await database.client.query("SELECT current_database()::text").value(0, 0)
        replicaClient = PostgresClient(
            PostgresConfiguration(connectionString: replica.connectionString(database: name))
        )
    }

    var servers: DatabaseServers {
        DatabaseServers(primary: database.client, replica: replicaClient, database.sql, observe: hear)
    }

    @Sendable func hear(_ observation: PipelineObservation) {
        switch observation {
        case .replicaRead: heard.withLock { $0.append("read") }
        case .replicaPassedOver(let error): heard.withLock { $0.append("\(error)") }
        default: break
        }
    }

    /// What was said since the last call.
    func takeHeard() -> [String] {
        heard.withLock { heard in
            defer { heard = [] }
            return heard
        }
    }

    func now() async throws -> Timestamp {
        let now: PostgresTimestamp = try await database.client.query("SELECT now()").value(0, 0)
        return Timestamp(microseconds: now.microseconds)
    }

    /// Writes rows of the last days and feeds them, in one batch.
    func feedRows(_ rows: Int) async throws {
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "user", "timestamp", ip, collection, item)
            SELECT 'create', md5((n % 5)::text)::uuid, now() - n * interval '3 minutes', '10.0.0.' || n % 7,
                'c' || n % 3, 'x'
            FROM generate_series(1, \(rows)) AS n
            """
        )
        #expect(try await database.feed(batchSize: 10_000) == rows)
    }

    func pauseReplay() async throws {
        try await waitForReplay()
        _ = try await replicaClient.query("SELECT pg_wal_replay_pause()")
        try await eventually("the replica has paused") {
            try await replicaClient.query("SELECT pg_get_wal_replay_pause_state() = 'paused'").value(0, 0)
        }
    }

    func waitForReplay() async throws {
        let end: String = try await database.client.query("SELECT pg_current_wal_insert_lsn()::text").value(0, 0)
        try await eventually("the replica has replayed all") {
            try await replicaClient.query("SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn", [.text(end)]).value(0, 0)
        }
    }
}
