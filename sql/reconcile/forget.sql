-- Forgets the facts of hours that drifted.
--
-- $1 hours
WITH forgotten AS (
    DELETE FROM :"schema".recent_fact
    WHERE date_trunc('hour', last_at, 'UTC') = ANY ($1::timestamptz[])
)
DELETE FROM :"schema".fact WHERE hour = ANY ($1::timestamptz[])
