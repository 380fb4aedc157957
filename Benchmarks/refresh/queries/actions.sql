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
) AS entry;
