-- A handful of fresh rows at now(): somebody who was active lately does the same kind of thing again.
--
--   psql -v rows=5 -f trickle.sql
--
-- An empty table stays empty.

\if :{?rows}
\else
    \set rows 5
\endif

INSERT INTO directus_activity (action, "user", "timestamp", ip, user_agent, collection, item, origin)
SELECT
    action,
    "user",
    date_trunc('milliseconds', clock_timestamp()),
    ip,
    user_agent,
    collection,
    CASE WHEN item ~ '^[0-9]+$' THEN (1 + floor(random() * 1048576)::int)::text ELSE item END,
    origin
FROM (
    SELECT *
    FROM directus_activity
    WHERE id > (SELECT max(id) FROM directus_activity) - greatest(2000, 2 * :rows::bigint)
    ORDER BY random()
    LIMIT :rows
) AS lately;
