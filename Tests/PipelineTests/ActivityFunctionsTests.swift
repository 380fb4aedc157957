import Foundation
import Pipeline
import PostgresClient
import TestServers
import Testing

/// The functions over facts, with answers that were worked out by hand.
struct ActivityFunctionsTests {
    // MARK: - get_ip_activity_stats

    @Test func givesPointsForVolumeBreadthAndDiversity() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", ip, collection, item)
            SELECT 'action' || i % actions, now() - interval '90 minutes', ip, 'collection' || i % collections, 'x'
            FROM (VALUES
                ('n100', 100, 1, 1), ('n101', 101, 1, 1), ('n500', 500, 1, 1), ('n501', 501, 1, 1),
                ('n1000', 1000, 1, 1), ('n1001', 1001, 1, 1),
                ('c05', 11, 5, 1), ('c06', 11, 6, 1), ('c10', 11, 10, 1), ('c11', 11, 11, 1),
                ('a4', 10, 1, 4), ('a5', 10, 1, 5),
                ('high', 502, 6, 1), ('broad', 1002, 11, 5), ('quiet', 9, 1, 1)
            ) AS known (ip, rows, collections, actions), generate_series(1, rows) AS i
            """
        )
        try await database.feed(batchSize: 10_000)
        let found = try await database.lines(
            "ip, total_actions, unique_collections, unique_actions, risk_score, risk_level",
            from: "activity.get_ip_activity_stats()",
        )
        #expect(
            found == [
                "broad 1002 11 5 6 high", "n1001 1001 1 1 3 medium", "n1000 1000 1 1 2 medium", "high 502 6 1 3 medium",
                "n501 501 1 1 2 medium", "n500 500 1 1 1 low", "n101 101 1 1 1 low", "n100 100 1 1 0 low",
                "c05 11 5 1 0 low", "c06 11 6 1 1 low", "c10 11 10 1 1 low", "c11 11 11 1 2 medium",
                "a4 10 1 4 0 low", "a5 10 1 5 1 low",
            ]
        )
        let limited = try await database.lines("ip", from: "activity.get_ip_activity_stats(7, 500, 3)")
        #expect(limited == ["broad", "n1001", "n1000"])
        #expect(try await database.lines("ip", from: "activity.get_ip_activity_stats(p_min_count => 1001)").count == 2)
    }

    @Test func breaksAnAddressDown() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "user", "timestamp", ip, collection, item)
            SELECT action, nullif(name, '')::uuid, date_trunc('second', now()) - ago::interval, ip, 'articles', 'x'
            FROM (VALUES
                ('login', '00000000-0000-0000-0000-00000000000a', '3 days', '2001:db8::1'),
                ('update', '00000000-0000-0000-0000-00000000000b', '2 days', '2001:db8::1'),
                ('update', '', '1 day', '2001:db8::1'),
                ('update', '', '1 day', NULL)
            ) AS known (action, name, ago, ip)
            """
        )
        try await database.feed()
        let found = try await database.lines(
            "ip, total_actions, unique_users, action_breakdown, last_seen - first_seen, now() - last_seen < '25 hours'",
            from: "activity.get_ip_activity_stats(7, 1)",
        )
        #expect(found == [#"2001:db8::1 3 2 {"login": 1, "update": 2} 2 days t"#])
    }

    /// In a zone whose hours begin at half past, on days that may have 23 hours there.
    @Test(arguments: ["UTC", "Asia/Kolkata", "America/New_York"])
    func beginsOnAWholeHourAndIncludesTheRunningOne(zone: String) async throws {
        let found = try await withinOneHour {
            let database = try await ActivityDatabase()
            try await database.execute(
                """
                INSERT INTO directus_activity (action, "user", "timestamp", ip, collection, item)
                SELECT 'create', md5(ip)::uuid, date_trunc('hour', now(), 'UTC') + offset_::interval, ip, 'a', 'x'
                FROM (VALUES
                    ('before', '-720 hours -1 millisecond'), ('first', '-720 hours'), ('last', '59:59.999'),
                    ('after', '1 hour')
                ) AS known (ip, offset_)
                """
            )
            try await database.feed()
            return try await database.client.withConnection { connection in
                try await connection.transaction { connection in
                    _ = try await connection.query("SET LOCAL timezone = '\(zone)'")
                    let ips = try await connection.query("SELECT ip FROM activity.get_ip_activity_stats(30, 1)")
                    let users = try await connection.query(
                        """
                        SELECT ip FROM activity.get_user_engagement_metrics(30)
                        JOIN unnest('{before,first,last,after}'::text[]) AS ip ON md5(ip)::uuid = user_id ORDER BY ip
                        """
                    )
                    return [try ips.map { try $0.value(0, as: String.self) }, try users.map { try $0.value(0) }]
                }
            }
        }
        #expect(found == [["first", "last"], ["first", "last"]])
    }

    // MARK: - get_user_engagement_metrics

    @Test func scoresUsers() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "user", "timestamp", collection, item)
            SELECT 'action' || i % actions, name, now() - i % days * interval '24 hours', 'c' || i % collections, 'x'
            FROM (VALUES
                ('00000000-0000-0000-0000-000000000001'::uuid, 100, 10, 25, 4), -- 40 + 30 + 37.5
                ('00000000-0000-0000-0000-000000000002', 100, 10, 20, 3), -- 40 + 30 + 30
                ('00000000-0000-0000-0000-000000000003', 100, 5, 10, 1), -- 40 + 15 + 15
                ('00000000-0000-0000-0000-000000000004', 98, 5, 10, 1), -- 39.2 + 15 + 15
                ('00000000-0000-0000-0000-000000000005', 25, 5, 10, 1), -- 10 + 15 + 15
                ('00000000-0000-0000-0000-000000000006', 24, 5, 10, 1), -- 9.6 + 15 + 15
                ('00000000-0000-0000-0000-000000000007', 1, 1, 1, 1), -- 0.4 + 3 + 1.5
                (NULL, 1000, 1, 1, 1)
            ) AS known (name, rows, days, collections, actions), generate_series(1, rows) AS i
            """
        )
        try await database.feed(batchSize: 10_000)
        let found = try await database.lines(
            """
            right(user_id::text, 1), total_actions, active_days, collections_used, action_diversity, engagement_score,
            engagement_level
            """,
            from: "activity.get_user_engagement_metrics(10)",
        )
        #expect(
            found == [
                "1 100 10 25 4 100.00 high", "2 100 10 20 3 100.00 high", "3 100 5 10 1 70.00 high",
                "4 98 5 10 1 69.20 medium", "5 25 5 10 1 40.00 medium", "6 24 5 10 1 39.60 low", "7 1 1 1 1 4.90 low",
            ]
        )
    }

    // MARK: - Arguments and rights

    @Test(arguments: [
        ("get_ip_activity_stats(0)", "p_days is 0: accepted is 1 to 366"),
        ("get_ip_activity_stats(-7)", "p_days is -7: accepted is 1 to 366"),
        ("get_ip_activity_stats(NULL)", "p_days is NULL: accepted is 1 to 366"),
        ("get_ip_activity_stats(367)", "p_days is 367: accepted is 1 to 366"),
        ("get_ip_activity_stats(7, 0)", "p_min_count is 0: accepted is 1 to 2147483647"),
        ("get_ip_activity_stats(7, 10, 10001)", "p_limit is 10001: accepted is 1 to 10000"),
        ("get_user_engagement_metrics(367)", "p_days is 367: accepted is 1 to 366"),
        ("get_user_engagement_metrics(NULL)", "p_days is NULL: accepted is 1 to 366"),
        ("detect_activity_anomalies(169)", "p_hours is 169: accepted is 1 to 168"),
        ("detect_activity_anomalies(0)", "p_hours is 0: accepted is 1 to 168"),
        ("detect_activity_anomalies(1, 0)", "p_stddev_threshold is 0: accepted is 0.1 to 1000"),
        ("detect_activity_anomalies(1, NULL)", "p_stddev_threshold is NULL: accepted is 0.1 to 1000"),
        ("detect_activity_anomalies(1, 'NaN')", "p_stddev_threshold is NaN: accepted is 0.1 to 1000"),
    ])
    func refusesWhatIsOutOfBounds(call: String, message: String) async throws {
        let database = try await ActivityDatabase()
        await #expect {
            _ = try await database.client.query("SELECT * FROM activity.\(call)")
        } throws: { error in
            (error as? PostgresError)?.sqlState == "22023" && (error as? PostgresError)?.message == message
        }
    }

    /// The longest arguments that are accepted, on a database without a row.
    @Test(arguments: [
        "get_ip_activity_stats(366, 2147483647, 10000)", "get_user_engagement_metrics(366)",
        "detect_activity_anomalies(168, 1000)", "detect_activity_anomalies(1, 0.1)",
    ])
    func answersNothingOfNothing(call: String) async throws {
        let database = try await ActivityDatabase()
        #expect(try await database.number("SELECT count(*) FROM activity.\(call)") == 0)
    }

    @Test func lettingAReaderReadTakesNothingButExecuteAndSelect() async throws {
        let database = try await ActivityDatabase()
        let reader = "reader_" + UUID().uuidString.lowercased().prefix(8)
        try await database.execute("CREATE ROLE \(reader) LOGIN; ALTER ROLE \(reader) SET search_path = activity")
        let client = PostgresClient(
            PostgresConfiguration(connectionString: database.connectionString + " user=\(reader)")
        )
        try await database.execute("GRANT USAGE ON SCHEMA activity TO \(reader)")
        for object in Self.readerFunctions + Self.readerViews { try await expectRefusal(of: object, client) }
        for function in Self.grantedFunctions {
            try await database.execute("GRANT EXECUTE ON FUNCTION activity.\(function) TO \(reader)")
        }
        for view in Self.readerViews { try await database.execute("GRANT SELECT ON activity.\(view) TO \(reader)") }
        for object in Self.readerFunctions + Self.readerViews {
            _ = try await client.query("SELECT * FROM \(object)")
        }
        for function in ["maintain_activity_table()", "rebuild_activity_indexes()", "monitored_tables()"] {
            try await expectRefusal(of: function, client)
        }
    }

    private static let readerFunctions = [
        "get_ip_activity_stats()", "get_user_engagement_metrics()", "detect_activity_anomalies()",
        "test_activity_query_performance()",
    ]
    private static let readerViews = ["v_activity_index_stats", "v_activity_table_stats", "v_activity_slow_queries"]
    private static let grantedFunctions = [
        "get_ip_activity_stats(integer, integer, integer)", "get_user_engagement_metrics(integer)",
        "detect_activity_anomalies(integer, double precision)", "test_activity_query_performance()",
        "activity_index_stats()", "activity_table_stats()", "activity_slow_queries()",
    ]

    private func expectRefusal(of source: String, _ client: PostgresClient) async throws {
        await #expect("\(source)") {
            _ = try await client.query("SELECT * FROM \(source)")
        } throws: { error in
            (error as? PostgresError)?.sqlState == "42501"
        }
    }
}
