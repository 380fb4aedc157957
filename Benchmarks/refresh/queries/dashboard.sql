SELECT json_build_object(
    'summary', (
        SELECT json_build_object(
            'totalActivity', count(*),
            'uniqueUsers', count(DISTINCT "user"),
            'uniqueIPs', count(DISTINCT ip),
            'period', :'period'
        )
        FROM directus_activity
        WHERE "timestamp" >= :'from' AND "timestamp" < :'to'
    ),
    'collections', (
        SELECT coalesce(json_agg(entry), '[]')
        FROM (
            SELECT
                collection,
                count(*) AS count,
                count(DISTINCT "user") AS "countDistinct_user",
                count(DISTINCT ip) AS "countDistinct_ip"
            FROM directus_activity
            WHERE "timestamp" >= :'from' AND "timestamp" < :'to'
            GROUP BY collection
            ORDER BY count(*) DESC, collection COLLATE "C"
        ) AS entry
    ),
    'actions', (
        SELECT coalesce(json_agg(entry), '[]')
        FROM (
            SELECT
                action,
                count(*) AS count,
                count(DISTINCT "user") AS "countDistinct_user",
                count(DISTINCT ip) AS "countDistinct_ip"
            FROM directus_activity
            WHERE "timestamp" >= :'from' AND "timestamp" < :'to'
            GROUP BY action
            ORDER BY count(*) DESC, action COLLATE "C"
        ) AS entry
    ),
    'hourly', (
        SELECT coalesce(json_agg(entry), '[]')
        FROM (
            SELECT
                to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "timestamp",
                coalesce(max(events) FILTER (WHERE is_total), 0) AS total,
                coalesce(max(users) FILTER (WHERE is_total), 0) AS "uniqueUsers",
                coalesce(json_object_agg(action, events) FILTER (WHERE NOT is_total), '{}') AS "byAction"
            FROM generate_series(
                greatest(:'from'::timestamptz, :'to'::timestamptz - interval '168 hours'),
                :'to'::timestamptz - interval '1 hour',
                interval '1 hour'
            ) AS hour
            LEFT JOIN (
                SELECT
                    date_trunc('hour', "timestamp") AS hour,
                    action,
                    GROUPING(action) = 1 AS is_total,
                    count(*) AS events,
                    count(DISTINCT "user") AS users
                FROM directus_activity
                WHERE "timestamp" >= greatest(:'from'::timestamptz, :'to'::timestamptz - interval '168 hours') AND "timestamp" < :'to'
                GROUP BY GROUPING SETS ((date_trunc('hour', "timestamp")), (date_trunc('hour', "timestamp"), action))
            ) AS counted USING (hour)
            GROUP BY hour
            ORDER BY hour
        ) AS entry
    ),
    'topIPs', (
        SELECT coalesce(json_agg(entry), '[]')
        FROM (
            SELECT
                ip,
                count,
                collections AS "countDistinct_collection",
                users AS "countDistinct_user",
                actions AS "countDistinct_action",
                CASE WHEN points >= 4 THEN 'high' WHEN points >= 2 THEN 'medium' ELSE 'low' END AS "riskLevel",
                round(least(count / 1000.0 * 50, 50) + least(collections / 20.0 * 25, 25) + least(actions / 5.0 * 25, 25))
                    AS "activityScore"
            FROM (
                SELECT
                    ip,
                    count(*) AS count,
                    count(DISTINCT collection) AS collections,
                    count(DISTINCT "user") AS users,
                    count(DISTINCT action) AS actions
                FROM directus_activity
                WHERE ip IS NOT NULL AND "timestamp" >= :'from' AND "timestamp" < :'to'
                GROUP BY ip
                ORDER BY count(*) DESC, ip COLLATE "C"
                LIMIT 10
            ) AS address
            CROSS JOIN LATERAL (
                SELECT
                    CASE WHEN count > 500 THEN 3 WHEN count > 200 THEN 2 WHEN count > 100 THEN 1 ELSE 0 END
                    + CASE WHEN collections > 10 THEN 2 WHEN collections > 5 THEN 1 ELSE 0 END
                    + CASE WHEN actions > 4 THEN 1 ELSE 0 END AS points
            ) AS risk
            ORDER BY count DESC, ip COLLATE "C"
        ) AS entry
    ),
    'topUsers', (
        SELECT coalesce(json_agg(entry), '[]')
        FROM (
            SELECT
                "user" AS "userId",
                count(*) AS count,
                count(DISTINCT collection) AS "countDistinct_collection",
                count(DISTINCT ip) AS "countDistinct_ip",
                to_char(max("timestamp") AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "lastSeen"
            FROM directus_activity
            WHERE "user" IS NOT NULL AND "timestamp" >= :'from' AND "timestamp" < :'to'
            GROUP BY "user"
            ORDER BY count(*) DESC, "user"
            LIMIT 10
        ) AS entry
    )
);
