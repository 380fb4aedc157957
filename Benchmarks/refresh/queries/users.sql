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
    LIMIT 1000
) AS entry;
