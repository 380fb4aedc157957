-- Goes on from bounds.sql. The hours to recount: the last closed ones, and as many of the older ones, in turns.
--
-- $1 most hours of each kind
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
SELECT coalesce((
           SELECT array_agg(DISTINCT hour ORDER BY hour)
           FROM (SELECT hour FROM latest UNION SELECT hour FROM older) AS hours, bounds
           WHERE hour >= first_hour
       ), '{}') AS hours,
       (SELECT min(hour) - interval '1 hour' FROM older) AS next_hour
