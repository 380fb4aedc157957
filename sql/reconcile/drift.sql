-- The hours whose facts differ from the raw rows that the feed has passed. Leaves what should be there in pg_temp.recount.
--
-- $1 hours   $2 feed.last_id
WITH raw AS (
    INSERT INTO pg_temp.recount (hour, collection, action, "user", ip, events, first_at, last_at)
    SELECT date_trunc('hour', source."timestamp", 'UTC'), source.collection, source.action, source."user", source.ip,
           count(*), min(source."timestamp"), max(source."timestamp")
    FROM unnest($1::timestamptz[]) AS wanted (hour)
    JOIN :"source".directus_activity AS source
        ON source."timestamp" >= wanted.hour AND source."timestamp" < wanted.hour + interval '1 hour'
    WHERE source.id <= $2
      AND NOT EXISTS (SELECT FROM :"schema".feed_gap AS gap WHERE source.id BETWEEN gap.first_id AND gap.last_id)
    GROUP BY 1, 2, 3, 4, 5
    RETURNING *
),
fact AS (
    SELECT fact.hour, collection.name AS collection, action.name AS action, account.name AS "user", address.name AS ip,
           fact.events, fact.first_at, fact.last_at
    FROM :"schema".fact AS fact
    JOIN :"schema".dim_collection AS collection ON collection.id = fact.collection_id
    JOIN :"schema".dim_action AS action ON action.id = fact.action_id
    LEFT JOIN :"schema".dim_user AS account ON account.id = fact.user_id
    LEFT JOIN :"schema".dim_ip AS address ON address.id = fact.ip_id
    WHERE fact.hour = ANY ($1::timestamptz[])
)
SELECT DISTINCT hour
FROM (
    (SELECT * FROM raw EXCEPT ALL SELECT * FROM fact)
    UNION ALL
    (SELECT * FROM fact EXCEPT ALL SELECT * FROM raw)
) AS difference
ORDER BY hour
