import Activity
import PostgresClient

/// What a document should say, asked of the raw table in the plainest SQL there is.
struct NaiveAnswer {
    let client: PostgresClient
    let now: Timestamp

    /// Functions that the questions use; nothing of the product's.
    static let preparation = """
        CREATE INDEX ON directus_activity ("timestamp");
        CREATE FUNCTION rfc3339(t timestamptz) RETURNS text LANGUAGE sql AS $$
            SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS' || CASE
                WHEN extract(microseconds FROM t)::bigint % 1000000 = 0 THEN ''
                WHEN extract(microseconds FROM t)::bigint % 1000 = 0 THEN '.MS' ELSE '.US' END) || 'Z'
        $$;
        CREATE FUNCTION points(count bigint, collections bigint, actions bigint) RETURNS int LANGUAGE sql AS $$
            SELECT CASE WHEN count > 500 THEN 3 WHEN count > 200 THEN 2 WHEN count > 100 THEN 1 ELSE 0 END
                 + CASE WHEN collections > 10 THEN 2 WHEN collections > 5 THEN 1 ELSE 0 END
                 + CASE WHEN actions > 4 THEN 1 ELSE 0 END
        $$;
        CREATE FUNCTION risk(points int) RETURNS text LANGUAGE sql AS $$
            SELECT CASE WHEN points >= 4 THEN 'high' WHEN points >= 2 THEN 'medium' ELSE 'low' END
        $$;
        """

    /// The `data` of a document, whole: lists of ranked rows hold their first 1000.
    func data(of key: DocumentKey) async throws -> JSON {
        switch key {
        case .dashboard(let days): try await dashboard(days)
        case .collections(let days): try await traffic("collection", days)
        case .actions(let days, let collection):
            try await traffic("action", days, collection.map { "collection = \(literal($0))" } ?? "true")
        case .ips(let days): try await ips(days, limit: 1000)
        case .users(let days): try await users(days, limit: 1000)
        case .user(let id, let days): try await user(id, days)
        case .hourly(let action): try await hourly(744, action)
        case .alerts(let hours): try await alerts(hours)
        }
    }

    private func dashboard(_ days: Int) async throws -> JSON {
        let summary = try await ask(
            """
            SELECT json_build_object('totalActivity', count(*), 'uniqueUsers', count(DISTINCT "user"),
                'uniqueIPs', count(DISTINCT ip), 'period', '\(days) day\(days == 1 ? "" : "s")')
            FROM directus_activity WHERE \(window(days))
            """
        )
        return .object([
            "summary": summary,
            "collections": try await traffic("collection", days),
            "actions": try await traffic("action", days),
            "hourly": .array(try await hourly(days * 24, nil).elements.suffix(168)),
            "topIPs": try await ips(days, limit: 10),
            "topUsers": try await users(days, limit: 10),
        ])
    }

    private func traffic(_ member: String, _ days: Int, _ condition: String = "true") async throws -> JSON {
        try await rows(
            """
            SELECT \(member), count(*) AS count, count(DISTINCT "user") AS "countDistinct_user",
                   count(DISTINCT ip) AS "countDistinct_ip"
            FROM directus_activity WHERE \(window(days)) AND \(condition)
            GROUP BY \(member) ORDER BY count DESC, \(member) COLLATE "C"
            """
        )
    }

    private func ips(_ days: Int, limit: Int) async throws -> JSON {
        try await rows(
            """
            SELECT ip, count, collections AS "countDistinct_collection", users AS "countDistinct_user",
                   actions AS "countDistinct_action", risk(points(count, collections, actions)) AS "riskLevel",
                   round(least(count / 1000.0 * 50, 50) + least(collections / 20.0 * 25, 25)
                       + least(actions / 5.0 * 25, 25))::int AS "activityScore"
            FROM (
                SELECT ip, count(*) AS count, count(DISTINCT collection) AS collections,
                       count(DISTINCT "user") AS users, count(DISTINCT action) AS actions
                FROM directus_activity WHERE \(window(days)) AND ip IS NOT NULL GROUP BY ip
            ) AS counted
            ORDER BY count DESC, ip COLLATE "C" LIMIT \(limit)
            """
        )
    }

    private func users(_ days: Int, limit: Int) async throws -> JSON {
        try await rows(
            """
            SELECT "user" AS "userId", count(*) AS count, count(DISTINCT collection) AS "countDistinct_collection",
                   count(DISTINCT ip) AS "countDistinct_ip", rfc3339(max("timestamp")) AS "lastSeen"
            FROM directus_activity WHERE \(window(days)) AND "user" IS NOT NULL
            GROUP BY "user" ORDER BY count DESC, "user"::text COLLATE "C" LIMIT \(limit)
            """
        )
    }

    private func user(_ id: String, _ days: Int) async throws -> JSON {
        let condition = "\(window(days)) AND \"user\" = '\(id)'"
        func by(_ member: String) async throws -> JSON {
            try await rows(
                """
                SELECT \(member), count(*) AS count FROM directus_activity WHERE \(condition)
                GROUP BY \(member) ORDER BY count DESC, \(member) COLLATE "C"
                """
            )
        }
        let summary = try await ask(
            """
            SELECT json_build_object('count', count(*), 'countDistinct_collection', count(DISTINCT collection),
                'countDistinct_ip', count(DISTINCT ip)) FROM directus_activity WHERE \(condition)
            """
        )
        return .object([
            "userId": .string(id), "period": .string("\(days) day\(days == 1 ? "" : "s")"), "summary": summary,
            "byCollection": try await by("collection"), "byAction": try await by("action"),
        ])
    }

    private func hourly(_ hours: Int, _ action: String?) async throws -> JSON {
        let condition = action.map { "action = \(literal($0))" } ?? "true"
        return try await rows(
            """
            SELECT rfc3339(hour) AS timestamp, count(a.id) AS total, count(DISTINCT "user") AS "uniqueUsers",
                   (SELECT coalesce(json_object_agg(action, n), '{}') FROM (
                        SELECT action, count(*) AS n FROM directus_activity
                        WHERE "timestamp" >= hour AND "timestamp" < hour + interval '1 hour' AND \(condition)
                        GROUP BY action) AS actions) AS "byAction"
            FROM generate_series(date_trunc('hour', \(moment)) - interval '\(hours) hours',
                                 date_trunc('hour', \(moment)), interval '1 hour') AS hour
            LEFT JOIN directus_activity AS a
                ON a."timestamp" >= hour AND a."timestamp" < hour + interval '1 hour' AND \(condition)
            GROUP BY hour ORDER BY hour
            """
        )
    }

    private func alerts(_ hours: Int) async throws -> JSON {
        let start = hours > 24 ? "date_trunc('hour', \(moment))" : "date_trunc('second', \(moment))"
        let end = hours > 24 ? "date_trunc('hour', \(moment)) + interval '1 hour'" : "\(start) + interval '1 second'"
        return try await rows(
            """
            SELECT ip, count, risk(points(count, collections, actions)) AS "riskLevel",
                   CASE WHEN count > 500 THEN 'EXCESSIVE_REQUESTS' WHEN collections > 10 THEN 'BROAD_ACCESS'
                        WHEN actions > 4 THEN 'DIVERSE_ACTIONS' ELSE 'SUSPICIOUS_PATTERN' END AS "alertType",
                   rfc3339(newest) AS timestamp
            FROM (
                SELECT ip, count(*) AS count, count(DISTINCT collection) AS collections,
                       count(DISTINCT action) AS actions, max("timestamp") AS newest
                FROM directus_activity
                WHERE "timestamp" >= \(start) - interval '\(hours) hours' AND "timestamp" < \(end) AND ip IS NOT NULL
                GROUP BY ip
            ) AS counted
            WHERE points(count, collections, actions) >= 2
            ORDER BY count DESC, ip COLLATE "C"
            """
        )
    }

    private var moment: String { "'\(now)'::timestamptz" }

    private func window(_ days: Int) -> String {
        """
        "timestamp" >= date_trunc('hour', \(moment)) - interval '\(days) days'
        AND "timestamp" < date_trunc('hour', \(moment)) + interval '1 hour'
        """
    }

    private func literal(_ text: String) -> String {
        "'" + text.replacing("'", with: "''") + "'"
    }

    private func rows(_ statement: String) async throws -> JSON {
        try await ask("SELECT coalesce(json_agg(row), '[]') FROM (\(statement)) AS row")
    }

    private func ask(_ statement: String) async throws -> JSON {
        let text: String = try await client.query("SELECT (\(statement))::text").value(0, 0)
        return try JSON(parsing: text.utf8)
    }
}
