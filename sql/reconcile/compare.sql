-- Goes on from bounds.sql. Compares facts with the raw rows that the feed has passed.
--
-- $1 hours
--
-- One snapshot: the feed commits its cursor, its gaps and the facts together, so a row up to the cursor that lies in no
-- gap is in the facts of the same snapshot, on whichever server, unless somebody has changed the raw rows since.
wanted AS MATERIALIZED (
    SELECT hour FROM unnest($1::timestamptz[]) AS given (hour), bounds WHERE hour >= first_hour
),
raw AS MATERIALIZED (
    SELECT wanted.hour, source.collection::text COLLATE "C" AS collection, source.action::text COLLATE "C" AS action,
           source."user", source.ip::text COLLATE "C" AS ip,
           count(*) AS events, min(source."timestamp") AS first_at, max(source."timestamp") AS last_at
    FROM wanted
    JOIN :"source".directus_activity AS source
        ON source."timestamp" >= wanted.hour AND source."timestamp" < wanted.hour + interval '1 hour'
    WHERE source.id <= (SELECT last_id FROM :"schema".feed)
      AND NOT EXISTS (SELECT FROM :"schema".feed_gap AS gap WHERE source.id BETWEEN gap.first_id AND gap.last_id)
    GROUP BY 1, 2, 3, 4, 5
),
named_fact AS (
    SELECT fact.hour, collection.name AS collection, action.name AS action, account.name AS "user", address.name AS ip,
           fact.events, fact.first_at, fact.last_at
    FROM :"schema".fact AS fact
    JOIN :"schema".dim_collection AS collection ON collection.id = fact.collection_id
    JOIN :"schema".dim_action AS action ON action.id = fact.action_id
    LEFT JOIN :"schema".dim_user AS account ON account.id = fact.user_id
    LEFT JOIN :"schema".dim_ip AS address ON address.id = fact.ip_id
    WHERE fact.hour IN (SELECT hour FROM wanted)
),
difference AS (
    SELECT hour, sum(before) AS before, sum(after) AS after,
           sum(before) = sum(after) AND (min(first_at) <> max(first_at) OR min(last_at) <> max(last_at)) AS is_moved
    FROM (
        SELECT hour, collection, action, "user", ip, events AS before, 0 AS after, first_at, last_at FROM named_fact
        UNION ALL
        SELECT hour, collection, action, "user", ip, 0, events, first_at, last_at FROM raw
    ) AS sides
    GROUP BY hour, collection, action, "user", ip
),
drifted AS MATERIALIZED (
    SELECT hour, sum(before)::bigint AS events_before, sum(after)::bigint AS events_after,
           concat_ws(
               ', ',
               CASE WHEN sum(after) < sum(before) THEN 'deleted' WHEN sum(after) > sum(before) THEN 'added' END,
               CASE
                   WHEN bool_or(is_moved) OR bool_or(after < before) AND bool_or(after > before) THEN 'rewritten'
               END
           ) AS cause
    FROM difference
    GROUP BY hour
    HAVING bool_or(before <> after OR is_moved)
)
