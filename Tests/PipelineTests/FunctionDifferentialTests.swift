import Pipeline
import PostgresClient
import Testing

/// The functions over facts equal the same questions asked of the raw table, over random histories.
struct FunctionDifferentialTests {
    @Test(arguments: [11, 12, 13] as [UInt64])
    func everyFunctionEqualsTheNaiveQuestion(seed: UInt64) async throws {
        let database = try await ActivityDatabase(seed.isMultiple(of: 2) ? .v10 : .v11)
        let configuration = PostgresConfiguration(connectionString: database.connectionString)
        var writers: [PostgresConnection] = []
        for _ in 0..<4 { writers.append(try await PostgresConnection.connect(configuration)) }
        var history = RandomHistory(seed: seed, writers: writers)
        for _ in 0..<2 {
            for _ in 0..<250 { try await history.step() }
            try await database.feed(batchSize: 700)
            try await compareAll(database)
        }
        try await history.finish()
        try await database.feed()
        try await compareAll(database)
    }

    private func compareAll(_ database: ActivityDatabase) async throws {
        for (days, least, limit) in [(7, 10, 50), (1, 1, 10_000), (366, 3, 7)] {
            let call = "get_ip_activity_stats(\(days), \(least), \(limit))"
            #expect(try await compare(call, Self.ips(days, least, limit), database) > 0)
        }
        for days in [1, 30, 366] {
            #expect(
                try await compare("get_user_engagement_metrics(\(days))", Self.engagement(days), database) > 0
            )
        }
        var found = 0
        for hours in [1, 5, 24, 168] {
            for threshold in ["0.1", "3.0"] {
                let call = "detect_activity_anomalies(\(hours), \(threshold))"
                found += try await compare(call, Self.anomalies(hours, threshold), database)
            }
        }
        #expect(found > 0)
    }

    /// Both are asked in one statement, so of one snapshot and one moment.
    ///
    /// - Returns: the number of rows.
    private func compare(_ call: String, _ question: String, _ database: ActivityDatabase) async throws -> Int {
        let answer = try await database.client.query(
            """
            SELECT coalesce((SELECT json_agg(f)::text FROM activity.\(call) AS f), ''),
                   coalesce((SELECT json_agg(q)::text FROM (\(question)) AS q), ''),
                   (SELECT count(*) FROM activity.\(call))
            """
        )
        let (found, expected): (String, String) = (try answer.value(0, 0), try answer.value(0, 1))
        #expect(found == expected, "\(call)")
        return Int(try answer.value(0, 2, as: Int64.self))
    }

    // MARK: - The questions

    private static func window(_ days: Int) -> String {
        """
        "timestamp" >= date_trunc('hour', now()) - interval '\(days) days'
        AND "timestamp" < date_trunc('hour', now()) + interval '1 hour'
        """
    }

    private static func ips(_ days: Int, _ least: Int, _ limit: Int) -> String {
        """
        SELECT *, CASE WHEN risk_score >= 4 THEN 'high' WHEN risk_score >= 2 THEN 'medium' ELSE 'low' END AS risk_level
        FROM (
            SELECT *, CASE WHEN total_actions > 1000 THEN 3 WHEN total_actions > 500 THEN 2
                           WHEN total_actions > 100 THEN 1 ELSE 0 END
                    + CASE WHEN unique_collections > 10 THEN 2 WHEN unique_collections > 5 THEN 1 ELSE 0 END
                    + CASE WHEN unique_actions > 4 THEN 1 ELSE 0 END AS risk_score
            FROM (
                SELECT ip, count(*) AS total_actions, count(DISTINCT collection) AS unique_collections,
                       count(DISTINCT "user") AS unique_users, count(DISTINCT action) AS unique_actions,
                       (SELECT jsonb_object_agg(action, n) FROM (
                            SELECT action, count(*) AS n FROM directus_activity AS b
                            WHERE b.ip = a.ip AND \(window(days)) GROUP BY action
                       ) AS actions) AS action_breakdown,
                       min("timestamp") AS first_seen, max("timestamp") AS last_seen
                FROM directus_activity AS a
                WHERE ip IS NOT NULL AND \(window(days))
                GROUP BY ip
                HAVING count(*) >= \(least)
            ) AS counted
        ) AS scored
        ORDER BY total_actions DESC, ip COLLATE "C" LIMIT \(limit)
        """
    }

    private static func engagement(_ days: Int) -> String {
        """
        SELECT *, CASE WHEN engagement_score >= 70 THEN 'high' WHEN engagement_score >= 40 THEN 'medium'
                       ELSE 'low' END AS engagement_level
        FROM (
            SELECT *, round(least(100, total_actions * 40.0 / (SELECT max(n) FROM (
                        SELECT count(*) AS n FROM directus_activity
                        WHERE "user" IS NOT NULL AND \(window(days)) GROUP BY "user") AS each)
                    + active_days * 30.0 / \(days) + collections_used * 1.5), 2) AS engagement_score
            FROM (
                SELECT "user" AS user_id, count(*) AS total_actions,
                       count(DISTINCT ("timestamp" AT TIME ZONE 'UTC')::date) AS active_days,
                       count(DISTINCT collection) AS collections_used, count(DISTINCT action) AS action_diversity
                FROM directus_activity
                WHERE "user" IS NOT NULL AND \(window(days))
                GROUP BY "user"
            ) AS counted
        ) AS scored
        ORDER BY engagement_score DESC, user_id
        """
    }

    /// Blocks are numbered backwards: 0 is the current one.
    private static func anomalies(_ hours: Int, _ threshold: String) -> String {
        """
        WITH event AS (
            SELECT 'ip' AS kind, ip::text AS name, "timestamp" AS at FROM directus_activity WHERE ip IS NOT NULL
            UNION ALL
            SELECT 'user', "user"::text, "timestamp" FROM directus_activity WHERE "user" IS NOT NULL
        ), block AS (
            SELECT kind, name, block, count(*) AS n
            FROM (
                SELECT kind, name, ceil(extract(epoch FROM date_trunc('hour', now()) + interval '1 hour' - at)
                    / \(hours * 3600)) - 1 AS block
                FROM event
            ) AS numbered
            WHERE block BETWEEN 0 AND \(672 / hours)
            GROUP BY kind, name, block
        ), usual AS (
            SELECT c.kind, c.name, c.n, own.oldest * \(hours) >= 24 AND own.blocks >= 3 AS has_history,
                   own.blocks, own.average AS own_average, own.deviation AS own_deviation,
                   peers.blocks AS peer_blocks, peers.average AS peer_average,
                   sqrt(greatest(peers.square - peers.average ^ 2, 0)) AS peer_deviation
            FROM block AS c
            CROSS JOIN LATERAL (
                SELECT count(*) AS blocks, max(o.block) AS oldest, avg(o.n) AS average, stddev_samp(o.n) AS deviation
                FROM block AS o WHERE o.kind = c.kind AND o.name = c.name AND o.block > 0
            ) AS own
            CROSS JOIN LATERAL (
                SELECT sum(blocks) AS blocks, avg(average) AS average, avg(square) AS square
                FROM (
                    SELECT count(*) AS blocks, avg(p.n) AS average, avg(p.n * p.n) AS square
                    FROM block AS p WHERE p.kind = c.kind AND p.name <> c.name AND p.block > 0 GROUP BY p.name
                ) AS peer
            ) AS peers
            WHERE c.block = 0
        ), judged AS (
            SELECT 'VOLUME_SPIKE' AS type, kind, name, n, own_average AS average,
                   greatest(own_deviation, sqrt(own_average), 1) AS deviation
            FROM usual WHERE has_history
            UNION ALL
            SELECT 'NEW_ENTITY', kind, name, n, peer_average, greatest(peer_deviation, sqrt(peer_average), 1)
            FROM usual WHERE NOT coalesce(has_history, false) AND peer_blocks >= 3
        )
        SELECT type AS anomaly_type, kind AS entity_type, name AS entity_value, n AS current_count,
               round(average, 2) AS average_count, round(deviation, 2) AS stddev_count, distance AS stddev_from_mean,
               CASE WHEN distance > 5 THEN 'critical' WHEN distance > 4 THEN 'high' WHEN distance > 3 THEN 'medium'
                    ELSE 'low' END AS severity
        FROM (SELECT *, round((n - average) / deviation, 2) AS distance FROM judged) AS measured
        WHERE distance > \(threshold)
        ORDER BY distance DESC, kind, name COLLATE "C"
        """
    }
}
