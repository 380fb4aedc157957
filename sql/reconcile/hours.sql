-- The hours to recount: the last closed ones, and as many of the older ones, in turns. Takes the feed's lock.
--
-- $1 most hours of each kind   $2 whether facts follow deletes by age
--
-- Unless they do: never the hour of the oldest raw row or one before it, since Directus's retention has begun to delete
-- there, and facts outlive that; and never one before the oldest fact, since our own retention has dropped those.
WITH feed AS MATERIALIZED (
    SELECT last_id, batch FROM :"schema".feed FOR UPDATE
),
bounds AS MATERIALIZED (
    SELECT CASE
               WHEN raw_hour IS NULL THEN NULL -- an empty table says nothing of any hour
               WHEN $2 THEN least(raw_hour, fact_hour)
               ELSE greatest(raw_hour + interval '1 hour', fact_hour)
           END AS first_hour,
           date_trunc('hour', now(), 'UTC') - interval '1 hour' AS last_hour
    FROM (SELECT date_trunc('hour', min("timestamp"), 'UTC') AS raw_hour FROM :"source".directus_activity) AS raw
    CROSS JOIN (SELECT min(hour) AS fact_hour FROM :"schema".fact) AS fact
),
latest AS (
    SELECT generate_series(last_hour - ($1 - 1) * interval '1 hour', last_hour, interval '1 hour') AS hour FROM bounds
),
older AS (
    SELECT generate_series(start - ($1 - 1) * interval '1 hour', start, interval '1 hour') AS hour
    FROM (
        SELECT CASE
                   WHEN next_hour >= first_hour THEN least(next_hour, last_hour - $1 * interval '1 hour')
                   ELSE last_hour - $1 * interval '1 hour'
               END AS start
        FROM bounds, :"schema".reconcile
    ) AS turn
)
SELECT feed.last_id, feed.batch,
       coalesce((
           SELECT array_agg(DISTINCT hour ORDER BY hour)
           FROM (SELECT hour FROM latest UNION SELECT hour FROM older) AS hours, bounds
           WHERE hour >= first_hour
       ), '{}') AS hours,
       (SELECT min(hour) - interval '1 hour' FROM older) AS next_hour
FROM feed
