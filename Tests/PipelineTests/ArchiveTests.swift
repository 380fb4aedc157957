import ActivitySQL
import Pipeline
import PostgresClient
import TestServers
import Testing

/// The archive has each row of `directus_activity` once, and as Directus had it.
struct ArchiveTests {
    /// Whole rows, of whatever columns, in a form in which Directus's and the archive's can be compared.
    private static let rawRows = "SELECT jsonb_strip_nulls(to_jsonb(d)) FROM directus_activity AS d"
    private static let archivedRows = rows(of: "activity.archive")

    private static func rows(of table: String) -> String {
        "SELECT jsonb_strip_nulls(to_jsonb(a) - 'extra' || coalesce(a.extra, '{}')) FROM \(table) AS a"
    }

    private func difference(_ database: ActivityDatabase, _ one: String, _ other: String) async throws -> Int {
        try await database.number(
            """
            SELECT count(*) FROM (
                (\(one) EXCEPT ALL \(other)) UNION ALL (\(other) EXCEPT ALL \(one))
            ) AS difference
            """
        )
    }

    @discardableResult
    private func archive(_ database: ActivityDatabase, batchSize: Int = 1000) async throws -> Int? {
        try await database.client.withConnection { connection in
            try await Archive(database.sql, batchSize: batchSize).copyBacklog(connection)
        }
    }

    private func connections(_ count: Int, to database: ActivityDatabase) async throws -> [PostgresConnection] {
        var connections: [PostgresConnection] = []
        let configuration = PostgresConfiguration(connectionString: database.connectionString)
        for _ in 0..<count { connections.append(try await PostgresConnection.connect(configuration)) }
        return connections
    }

    /// A database whose rows have something in every column, and in two of a fork, one of them with an awkward name.
    private func database(_ version: ActivityDatabase.DirectusVersion) async throws -> ActivityDatabase {
        let database = try await ActivityDatabase(version)
        try await database.execute(
            """
            ALTER TABLE directus_activity
                ADD COLUMN tenant integer DEFAULT random() * 9, ADD COLUMN source text DEFAULT 'a',
                ALTER COLUMN user_agent SET DEFAULT md5(random()::text), ALTER COLUMN origin SET DEFAULT random()::text
            """
        )
        if version == .v10 {
            try await database.execute("ALTER TABLE directus_activity ALTER COLUMN comment SET DEFAULT now()::text")
        }
        return database
    }

    // MARK: - Each row once

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func holdsEveryRowOnceWhateverTheOrderOfCommits(seed: UInt64) async throws {
        let database = try await database(seed.isMultiple(of: 2) ? .v10 : .v11)
        var history = RandomHistory(seed: 1000 + seed, writers: try await connections(5, to: database))
        var random = SeededGenerator(seed: ~seed)
        for _ in 0..<300 {
            try await history.step()
            switch Int.random(in: 0..<8, using: &random) {
            case 0: _ = try await database.ingest(batchSize: 50)
            case 1: try await archive(database, batchSize: 40)
            default: continue
            }
            #expect(try await passedGaps(database) == 0)
        }
        try await history.finish()
        try await database.feed()
        try await archive(database)
        #expect(try await difference(database, Self.archivedRows, Self.rawRows) == 0)
        #expect(try await database.number("SELECT count(*) FROM activity.archive") > 1000)
        try await checkLog(database)
    }

    private func passedGaps(_ database: ActivityDatabase) async throws -> Int {
        try await database.number(
            "SELECT count(*) FROM activity.feed_gap, activity.archive_position AS p WHERE first_id <= p.last_id"
        )
    }

    /// Rows that are not in the archive yet, some that Directus has rewritten, and some that it has deleted.
    private func checkLog(_ database: ActivityDatabase) async throws {
        try await database.execute(
            """
            INSERT INTO directus_activity (action, collection, item) SELECT 'run', 'new', n FROM generate_series(1, 50) AS n;
            UPDATE directus_activity SET collection = 'directus_comments' WHERE action = 'comment';
            CREATE TABLE everything AS TABLE directus_activity;
            DELETE FROM directus_activity WHERE collection = 'articles' OR action NOT IN ('comment', 'run') AND id % 2 = 0;
            """
        )
        let everything = "SELECT jsonb_strip_nulls(to_jsonb(e)) FROM everything AS e"
        #expect(try await difference(database, Self.rows(of: "activity.activity_log"), everything) == 0)
    }

    @Test func waitsForATransactionThatIsUnderWay() async throws {
        let database = try await ActivityDatabase()
        let late = try await connections(1, to: database)[0]
        let row = "INSERT INTO directus_activity (action, collection, item) VALUES ('create', 'a', 'x')"
        try await database.execute(row)
        try await database.feed()
        _ = try await late.query("BEGIN")
        _ = try await late.query(row)
        try await database.execute(row)
        try await database.feed()
        #expect(try await archive(database) == 1)
        #expect(try await archive(database) == 0)
        _ = try await late.query("COMMIT")
        #expect(try await archive(database) == 0, "the feed has not seen it")
        try await database.feed()
        #expect(try await archive(database) == 2)
    }

    @Test func copiesNothingTwiceWithTwoDaemonsAtOnce() async throws {
        let database = try await database(.v10)
        let writers = try await connections(4, to: database)
        let isWritten = Gate()
        async let first: Void = copy(database, until: isWritten)
        async let second: Void = copy(database, until: isWritten)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { isWritten.open() }
            for (index, writer) in writers.enumerated() {
                group.addTask {
                    var history = RandomHistory(seed: UInt64(2000 + index), writers: [writer])
                    for _ in 0..<150 { try await history.step() }
                    try await history.finish()
                }
            }
            try await group.waitForAll()
        }
        _ = try await (first, second)
        try await database.feed()
        try await archive(database)
        #expect(try await difference(database, Self.archivedRows, Self.rawRows) == 0)
    }

    /// What a daemon does. It is not cancelled, because a cancelled statement may keep its locks for a moment.
    private func copy(_ database: ActivityDatabase, until isWritten: Gate) async throws {
        while !isWritten.isOpen {
            _ = try await database.ingest(batchSize: 100)
            try await archive(database, batchSize: 30)
        }
    }

    @Test func leavesTheWorkToADaemonThatIsAtIt() async throws {
        let database = try await ActivityDatabase()
        let other = try await connections(1, to: database)[0]
        _ = try await other.query("BEGIN")
        _ = try await other.query("SELECT * FROM activity.archive_position FOR UPDATE")
        #expect(try await archive(database) == nil)
        _ = try await other.query("ROLLBACK")
        #expect(try await archive(database) == 0)
    }

    /// The third batch of ten rows has put five into January and waits for February when it dies.
    @Test func goesOnAfterACrashInTheMiddleOfABatch() async throws {
        let database = try await database(.v11)
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", collection, item)
            SELECT 'create', '2024-01-31T23:35Z'::timestamptz + n * interval '1 minute', 'a', 'x'
            FROM generate_series(0, 49) AS n;
            SELECT activity.ensure_archive_partition('2024-01-01Z'), activity.ensure_archive_partition('2024-02-01Z');
            """
        )
        try await database.feed()
        let blocker = try await connections(1, to: database)[0]
        _ = try await blocker.query("BEGIN")
        _ = try await blocker.query("LOCK TABLE activity.archive_2024_02 IN EXCLUSIVE MODE")
        let copying = Task { try await archive(database, batchSize: 10) }
        try await eventually("the copy waits for February and is ended") {
            try await database.number(
                """
                SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """
            ) == 1
        }
        await #expect(throws: PostgresError.self) { try await copying.value }
        _ = try await blocker.query("ROLLBACK")
        #expect(try await database.number("SELECT count(*) FROM activity.archive") == 20)
        try await eventually("the lock of the dead is free and the rest is copied") {
            try await archive(database, batchSize: 10) == 30
        }
        #expect(try await difference(database, Self.archivedRows, Self.rawRows) == 0)
    }

    // MARK: - Columns

    @Test func goesOnWhenDirectusChangesItsColumns() async throws {
        let database = try await ActivityDatabase(.v10)
        try await database.execute(
            "INSERT INTO directus_activity (action, collection, item, comment) VALUES ('comment', 'a', 'x', 'before')"
        )
        try await database.feed()
        #expect(try await archive(database) == 1)
        try await database.execute(
            """
            ALTER TABLE directus_activity DROP COLUMN comment, ALTER COLUMN user_agent TYPE text,
                ALTER COLUMN item TYPE varchar(300), ADD COLUMN tenant uuid, ADD COLUMN tags text[];
            INSERT INTO directus_activity (action, collection, item, user_agent, tags)
            VALUES ('create', 'a', 'y', repeat('u', 1000), '{red,green}');
            """
        )
        try await database.feed()
        #expect(try await archive(database) == 1)
        try await database.execute("DELETE FROM directus_activity WHERE id = 2")
        let log = try await database.client.query(
            "SELECT concat_ws(' ', item, comment, length(user_agent), extra) FROM activity.activity_log ORDER BY id"
        ).map { try $0.value(0, as: String.self) }
        // What Directus has no column for any more is not in its row.
        #expect(log == [#"x {"tags": null, "tenant": null}"#, #"y 1000 {"tags": ["red", "green"], "tenant": null}"#])
        #expect(try await database.number("SELECT count(*) FROM activity.archive WHERE comment = 'before'") == 1)
        #expect(try await database.number("SELECT count(*) FROM activity.archive WHERE extra IS NULL") == 1)
    }

    /// Directus's own ids are integers, and the archive's are of the same type.
    @Test func takesLargeIdsWhereDirectusHasThem() async throws {
        let database = try await ActivityDatabase(migrated: false)
        try await database.execute("ALTER TABLE directus_activity ALTER COLUMN id TYPE bigint")
        try await migrate(database)
        try await database.execute(
            """
            INSERT INTO directus_activity (id, action, collection, item)
            VALUES (5000000000, 'create', 'a', 'x'), (5000000001, 'create', 'b', 'y')
            """
        )
        try await database.feed()
        #expect(try await archive(database) == 2)
        try await database.execute("DELETE FROM directus_activity WHERE collection = 'a'")
        #expect(try await database.number("SELECT sum(id) FROM activity.activity_log") == 10_000_000_001)
    }

    @Test func isMadeBeforeDirectusMakesItsTable() async throws {
        let database = try await ActivityDatabase(migrated: false)
        try await database.execute("DROP TABLE directus_activity CASCADE")
        try await migrate(database)
        try await database.execute(
            """
            CREATE TABLE directus_activity (
                id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
                "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50),
                collection varchar(64) NOT NULL, item varchar(255) NOT NULL
            );
            INSERT INTO directus_activity (action, collection, item) VALUES ('create', 'a', 'x');
            """
        )
        try await database.feed()
        #expect(try await archive(database) == 1)
        #expect(try await difference(database, Self.archivedRows, Self.rawRows) == 0)
    }

    private func migrate(_ database: ActivityDatabase) async throws {
        _ = try await database.client.withConnection { try await Migrator(database.sql.ownSchema).migrate($0) }
    }

    // MARK: - Storage and plans

    @Test func putsEveryMonthIntoItsPartitionAndWrongClocksIntoTheDefault() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", collection, item)
            SELECT 'create', moment::timestamptz, 'a', 'x'
            FROM unnest('{1970-01-01Z,2019-12-31T23:59:59.999Z,2020-01-01Z,2100-01-01Z,infinity,-infinity}'::text[]) AS moment
            """
        )
        try await database.feed()
        #expect(try await archive(database) == 6)
        #expect(try await database.number("SELECT count(*) FROM activity.archive_2019_12") == 1)
        #expect(try await database.number("SELECT count(*) FROM activity.archive_2020_01") == 1)
        #expect(try await database.number("SELECT count(*) FROM activity.archive_default") == 4)
        let brin = """
            SELECT count(*) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
            WHERE i.indrelid = 'activity.archive_2020_01'::regclass AND a.amname = 'brin'
            """
        #expect(try await database.number(brin) == 1)
        try await database.execute("SELECT activity.ensure_archive_partition('2100-01-20Z')")
        #expect(try await database.number("SELECT count(*) FROM activity.archive_2100_01") == 1)
        try await database.execute("DROP TABLE activity.archive_2019_12; DELETE FROM directus_activity")
        #expect(try await database.number("SELECT count(*) FROM activity.activity_log") == 5)
    }

    @Test func conditionsReachTheIndexesAndPartitionsOfBoth() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", collection, item)
            SELECT 'create', '2024-01-01Z'::timestamptz + n * interval '9 minutes', 'a', 'x' FROM generate_series(0, 29999) AS n
            """
        )
        try await database.feed(batchSize: 50_000)
        #expect(try await archive(database, batchSize: 10_000) == 30_000)
        try await database.execute("DELETE FROM directus_activity WHERE \"timestamp\" < '2024-05-20Z'; ANALYZE")
        let hours = try await plan(
            "\"timestamp\" >= '2024-05-19T22:00Z' AND \"timestamp\" < '2024-05-20T02:00Z'",
            database,
        )
        #expect(hours.contains("using directus_activity_timestamp_index"))
        #expect(hours.contains("archive_2024_05"))
        #expect(!hours.contains("archive_2024_04") && !hours.contains("archive_2024_06"))
        let row = try await plan("id = 29000", database)
        #expect(row.contains("using directus_activity_pkey") && row.contains("using archive_2024_05_pkey"))
        for plan in [hours, row] {
            #expect(!plan.contains("Function Scan") && !plan.contains("Seq Scan on directus_activity"), "\(plan)")
        }
    }

    private func plan(_ condition: String, _ database: ActivityDatabase) async throws -> String {
        try await database.client.query("EXPLAIN SELECT * FROM activity.activity_log WHERE \(condition)")
            .map { try $0.value(0, as: String.self) }.joined(separator: "\n")
    }

    @Test func showsRawRowsToThoseWhoMayReadThem() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            DROP ROLE IF EXISTS log_reader; CREATE ROLE log_reader LOGIN;
            GRANT USAGE ON SCHEMA activity TO log_reader; GRANT SELECT ON activity.activity_log TO log_reader;
            GRANT EXECUTE ON FUNCTION activity.raw_activity() TO log_reader;
            """
        )
        let reader = PostgresClient(
            PostgresConfiguration(connectionString: database.connectionString + " user=log_reader")
        )
        await #expect {
            _ = try await reader.query("TABLE activity.activity_log")
        } throws: { error in
            (error as? PostgresError)?.sqlState == "42501"
        }
        try await database.execute("GRANT SELECT ON directus_activity TO log_reader")
        #expect(try await reader.query("TABLE activity.activity_log").rowCount == 0)
        await reader.close()
    }
}
