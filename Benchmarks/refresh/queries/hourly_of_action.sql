SELECT coalesce(json_agg(entry), '[]')
FROM (
    SELECT
        to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "timestamp",
        coalesce(max(events) FILTER (WHERE is_total), 0) AS total,
        coalesce(max(users) FILTER (WHERE is_total), 0) AS "uniqueUsers",
        coalesce(json_object_agg(action, events) FILTER (WHERE NOT is_total), '{}') AS "byAction"
    FROM generate_series(
        date_trunc('hour', :'from'::timestamptz),
        :'to'::timestamptz - interval '1 hour',
        interval '1 hour'
    ) AS hour
    LEFT JOIN (
        SELECT
            date_trunc('hour', "timestamp") AS hour,
            action,
            GROUPING(action) = 1 AS is_total,
            count(*) AS events,
            count(DISTINCT "user") AS users
        FROM directus_activity
        WHERE "timestamp" >= :'from' AND "timestamp" < :'to' AND action = :'action'
        GROUP BY GROUPING SETS ((date_trunc('hour', "timestamp")), (date_trunc('hour', "timestamp"), action))
    ) AS counted USING (hour)
    GROUP BY hour
    ORDER BY hour
) AS entry;
