-- Makes the partitions that the next batch needs. Months that only a wrong clock can mean stay in the default one.
SELECT :"schema".ensure_fact_partition(month)
FROM (
    SELECT DISTINCT date_trunc('month', "timestamp", 'UTC') AS month
    FROM (
        SELECT "timestamp" FROM :"source".directus_activity WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3
    ) AS next
) AS months
WHERE month BETWEEN '2010-01-01T00:00Z' AND now() + interval '2 months'
