-- The hours that may be recounted, as the beginning of the other statements of this folder.
--
-- $2 whether facts follow deletes by age
--
-- Unless they do: never the hour of the oldest raw row or one before it, since Directus's retention has begun to delete
-- there, and facts outlive that; and never one before the oldest fact, since our own retention has dropped those.
WITH bounds AS MATERIALIZED (
    SELECT CASE
               WHEN raw_hour IS NULL THEN NULL -- an empty table says nothing of any hour
               WHEN $2 THEN least(raw_hour, fact_hour)
               ELSE greatest(raw_hour + interval '1 hour', fact_hour)
           END AS first_hour,
           date_trunc('hour', now(), 'UTC') - interval '1 hour' AS last_hour
    FROM (SELECT date_trunc('hour', min("timestamp"), 'UTC') AS raw_hour FROM :"source".directus_activity) AS raw
    CROSS JOIN (SELECT min(hour) AS fact_hour FROM :"schema".fact) AS fact
),
