SELECT coalesce(json_agg(entry), '[]')
FROM (
    SELECT
        ip,
        count,
        CASE WHEN points >= 4 THEN 'high' ELSE 'medium' END AS "riskLevel",
        CASE
            WHEN count > 500 THEN 'EXCESSIVE_REQUESTS'
            WHEN collections > 10 THEN 'BROAD_ACCESS'
            WHEN actions > 4 THEN 'DIVERSE_ACTIONS'
            ELSE 'SUSPICIOUS_PATTERN'
        END AS "alertType",
        to_char(newest AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "timestamp"
    FROM (
        SELECT
            ip,
            count(*) AS count,
            count(DISTINCT collection) AS collections,
            count(DISTINCT action) AS actions,
            max("timestamp") AS newest
        FROM directus_activity
        WHERE ip IS NOT NULL AND "timestamp" >= :'from' AND "timestamp" < :'to'
        GROUP BY ip
    ) AS address
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN count > 500 THEN 3 WHEN count > 200 THEN 2 WHEN count > 100 THEN 1 ELSE 0 END
            + CASE WHEN collections > 10 THEN 2 WHEN collections > 5 THEN 1 ELSE 0 END
            + CASE WHEN actions > 4 THEN 1 ELSE 0 END AS points
    ) AS risk
    WHERE points >= 2
    ORDER BY count DESC, ip COLLATE "C"
) AS entry;
