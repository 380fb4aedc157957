-- Finds the next rows to copy and makes the partitions for them.
--
-- $1 archive_position.last_id   $2 most rows to copy
--
-- An id that the feed has passed, below every open gap, is final: its row is visible here, or there will be none.
-- Months that only a wrong clock can mean stay in the default partition.
WITH final AS MATERIALIZED (
    SELECT greatest($1, least(last_id, (SELECT min(first_id) - 1 FROM :"schema".feed_gap))) AS last_id
    FROM :"schema".feed
),
batch AS MATERIALIZED (
    SELECT id, "timestamp"
    FROM :"source".directus_activity
    WHERE id > $1 AND id <= (SELECT last_id FROM final)
    ORDER BY id
    LIMIT $2
),
month AS (
    SELECT DISTINCT date_trunc('month', "timestamp", 'UTC') AS month FROM batch
)
SELECT CASE WHEN count(*) < $2 THEN (SELECT last_id FROM final) ELSE max(id) END AS last_id,
       count(*) = $2 AS has_more,
       (SELECT count(:"schema".ensure_archive_partition(month)) FROM month
        WHERE month BETWEEN '2010-01-01T00:00Z' AND now() + interval '2 months') AS months
FROM batch
