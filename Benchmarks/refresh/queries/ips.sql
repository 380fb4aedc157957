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
        LIMIT 1000
    ) AS address
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN count > 500 THEN 3 WHEN count > 200 THEN 2 WHEN count > 100 THEN 1 ELSE 0 END
            + CASE WHEN collections > 10 THEN 2 WHEN collections > 5 THEN 1 ELSE 0 END
            + CASE WHEN actions > 4 THEN 1 ELSE 0 END AS points
    ) AS risk
    ORDER BY count DESC, ip COLLATE "C"
) AS entry;
