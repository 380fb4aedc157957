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
) AS entry;
