-- The repaired predecessor: its indexes, and its three materialized views made to work. As published they fail: "user"
-- unquoted, aggregates nested in aggregates, no unique index to refresh CONCURRENTLY by. Windows begin on a whole hour
-- and dates are in UTC, as with activityd, so that answers can be compared.

CREATE INDEX idx_activity_timestamp_collection ON directus_activity ("timestamp" DESC, collection);
CREATE INDEX idx_activity_user_timestamp ON directus_activity ("user", "timestamp" DESC) WHERE "user" IS NOT NULL;
CREATE INDEX idx_activity_ip_timestamp ON directus_activity (ip, "timestamp" DESC) WHERE ip IS NOT NULL;
CREATE INDEX idx_activity_action_collection ON directus_activity (action, collection);

CREATE MATERIALIZED VIEW mv_activity_hourly_stats AS
SELECT
    date_trunc('hour', "timestamp", 'UTC') AS hour,
    collection,
    action,
    count(*) AS activity_count,
    count(DISTINCT "user") AS unique_users,
    count(DISTINCT ip) AS unique_ips,
    min("timestamp") AS first_activity,
    max("timestamp") AS last_activity
FROM directus_activity
WHERE "timestamp" >= date_trunc('hour', now(), 'UTC') - interval '30 days'
GROUP BY 1, 2, 3
WITH NO DATA;

CREATE UNIQUE INDEX mv_activity_hourly_stats_key ON mv_activity_hourly_stats (hour, collection, action);

CREATE MATERIALIZED VIEW mv_activity_daily_summary AS
SELECT
    ("timestamp" AT TIME ZONE 'UTC')::date AS date,
    collection,
    action,
    count(*) AS activity_count,
    count(DISTINCT "user") AS unique_users,
    count(DISTINCT ip) AS unique_ips,
    jsonb_object_agg(action, count(*)) OVER (PARTITION BY ("timestamp" AT TIME ZONE 'UTC')::date, collection)
        AS action_breakdown
FROM directus_activity
GROUP BY 1, 2, 3
WITH NO DATA;

CREATE UNIQUE INDEX mv_activity_daily_summary_key ON mv_activity_daily_summary (date, collection, action);

CREATE MATERIALIZED VIEW mv_activity_collection_stats AS
SELECT
    whole.*,
    parts.action_breakdown
FROM (
    SELECT
        collection,
        count(*) AS total_activity,
        count(DISTINCT "user") AS unique_users,
        count(DISTINCT ip) AS unique_ips,
        count(DISTINCT action) AS action_types,
        min("timestamp") AS first_activity,
        max("timestamp") AS last_activity
    FROM directus_activity
    WHERE "timestamp" >= date_trunc('hour', now(), 'UTC') - interval '7 days'
    GROUP BY collection
) AS whole
JOIN (
    SELECT collection, jsonb_object_agg(action, events) AS action_breakdown
    FROM (
        SELECT collection, action, count(*) AS events
        FROM directus_activity
        WHERE "timestamp" >= date_trunc('hour', now(), 'UTC') - interval '7 days'
        GROUP BY collection, action
    ) AS counted
    GROUP BY collection
) AS parts USING (collection)
WITH NO DATA;

CREATE UNIQUE INDEX mv_activity_collection_stats_key ON mv_activity_collection_stats (collection);

REFRESH MATERIALIZED VIEW mv_activity_hourly_stats;
REFRESH MATERIALIZED VIEW mv_activity_daily_summary;
REFRESH MATERIALIZED VIEW mv_activity_collection_stats;
