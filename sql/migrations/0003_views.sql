-- Materialized views over the facts, for people with psql and for BI tools. The jobs refresh-… refresh them when facts
-- have changed; anybody else may do it at any time and gets the same.
--
-- Windows begin on a whole hour and count the running hour, as everywhere. Hours and dates are in UTC.

-- Whether a window of so many days that ends now reaches an hour.
CREATE FUNCTION :"schema".is_within(p_hour timestamptz, p_days integer) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN p_hour >= date_trunc('hour', now(), 'UTC') - p_days * interval '1 day' AND p_hour <= date_trunc('hour', now(), 'UTC');

-- What is asked of changed hours is which ones are newer than a batch.
CREATE INDEX changed_hour_batch_idx ON :"schema".changed_hour (batch);

-- Days as mv_activity_daily_summary has them, so that its refresh counts only days that changed, however long the
-- history is. Days outlive the facts that they were counted from.
CREATE TABLE :"schema".day_summary (
    day date NOT NULL,
    collection_id integer NOT NULL,
    action_id integer NOT NULL,
    events bigint NOT NULL,
    users bigint NOT NULL,
    ips bigint NOT NULL,
    CONSTRAINT day_summary_pkey PRIMARY KEY (day, collection_id, action_id)
);

-- How far day_summary has come.
CREATE TABLE :"schema".day_summary_state (
    singleton boolean NOT NULL DEFAULT true
        CONSTRAINT day_summary_state_pkey PRIMARY KEY
        CONSTRAINT day_summary_state_singleton_check CHECK (singleton),
    -- every change up to this batch of the feed is in it
    batch bigint NOT NULL DEFAULT 0,
    -- facts of earlier days have been dropped, so those days are never counted again
    first_day date NOT NULL DEFAULT '-infinity'
);
INSERT INTO :"schema".day_summary_state DEFAULT VALUES;

-- Days that changed since they were counted.
CREATE VIEW :"schema".stale_day AS
SELECT DISTINCT (changed.hour AT TIME ZONE 'UTC')::date AS day
FROM :"schema".changed_hour AS changed, :"schema".day_summary_state AS state
WHERE changed.batch > state.batch AND isfinite(changed.hour) AND (changed.hour AT TIME ZONE 'UTC')::date >= state.first_day;

-- Counts days. One at a time, so that each reads its own partition only.
CREATE FUNCTION :"schema".count_days(p_days date[]) RETURNS SETOF :"schema".day_summary
LANGUAGE sql STABLE SET search_path = :"schema", pg_temp AS $$
    SELECT wanted.day, counted.*
    FROM unnest(p_days) AS wanted (day)
    CROSS JOIN LATERAL (
        SELECT fact.collection_id, fact.action_id, sum(fact.events)::bigint,
               count(DISTINCT fact.user_id) FILTER (WHERE fact.user_id > 0),
               count(DISTINCT fact.ip_id) FILTER (WHERE fact.ip_id > 0)
        FROM fact AS fact
        WHERE fact.hour >= wanted.day::timestamp AT TIME ZONE 'UTC'
            AND fact.hour < (wanted.day + 1)::timestamp AT TIME ZONE 'UTC'
        GROUP BY fact.collection_id, fact.action_id
    ) AS counted
$$;

-- Counts the days that changed up to a batch, which the caller has read before.
CREATE FUNCTION :"schema".settle_days(p_batch bigint) RETURNS void
LANGUAGE plpgsql SET search_path = :"schema", pg_temp AS $$
DECLARE
    v_days constant date[] := ARRAY(SELECT day FROM stale_day);
BEGIN
    DELETE FROM day_summary WHERE day = ANY (v_days);
    INSERT INTO day_summary SELECT * FROM count_days(v_days);
    UPDATE day_summary_state SET batch = p_batch;
END
$$;

CREATE MATERIALIZED VIEW :"schema".mv_activity_hourly_stats AS
SELECT fact.hour, collection.name AS collection, action.name AS action,
       sum(fact.events)::bigint AS activity_count,
       count(DISTINCT fact.user_id) FILTER (WHERE fact.user_id > 0) AS unique_users,
       count(DISTINCT fact.ip_id) FILTER (WHERE fact.ip_id > 0) AS unique_ips,
       min(fact.first_at) AS first_activity, max(fact.last_at) AS last_activity
FROM :"schema".fact AS fact
JOIN :"schema".dim_collection AS collection ON collection.id = fact.collection_id
JOIN :"schema".dim_action AS action ON action.id = fact.action_id
WHERE :"schema".is_within(fact.hour, 30)
GROUP BY fact.hour, collection.id, action.id
WITH NO DATA;
-- What REFRESH … CONCURRENTLY tells rows by.
CREATE UNIQUE INDEX mv_activity_hourly_stats_key ON :"schema".mv_activity_hourly_stats (hour, collection, action);

CREATE MATERIALIZED VIEW :"schema".mv_activity_daily_summary AS
WITH stale AS MATERIALIZED (
    SELECT ARRAY(SELECT day FROM :"schema".stale_day) AS days
),
counted AS (
    SELECT * FROM :"schema".day_summary WHERE day <> ALL ((SELECT days FROM stale)::date[])
    UNION ALL
    SELECT counted.* FROM stale, :"schema".count_days(stale.days) AS counted
)
SELECT counted.day AS date, collection.name AS collection, action.name AS action,
       counted.events AS activity_count, counted.users AS unique_users, counted.ips AS unique_ips,
       -- of all actions on this collection on this day
       jsonb_object_agg(action.name, counted.events) OVER (PARTITION BY counted.day, counted.collection_id) AS action_breakdown
FROM counted
JOIN :"schema".dim_collection AS collection ON collection.id = counted.collection_id
JOIN :"schema".dim_action AS action ON action.id = counted.action_id
WITH NO DATA;
CREATE UNIQUE INDEX mv_activity_daily_summary_key ON :"schema".mv_activity_daily_summary (date, collection, action);

CREATE MATERIALIZED VIEW :"schema".mv_activity_collection_stats AS
SELECT collection.name AS collection, whole.total_activity, whole.unique_users, whole.unique_ips, parts.action_types,
       whole.first_activity, whole.last_activity, parts.action_breakdown
FROM (
    SELECT fact.collection_id, sum(fact.events)::bigint AS total_activity,
           count(DISTINCT fact.user_id) FILTER (WHERE fact.user_id > 0) AS unique_users,
           count(DISTINCT fact.ip_id) FILTER (WHERE fact.ip_id > 0) AS unique_ips,
           min(fact.first_at) AS first_activity, max(fact.last_at) AS last_activity
    FROM :"schema".fact AS fact
    WHERE :"schema".is_within(fact.hour, 7)
    GROUP BY fact.collection_id
) AS whole
JOIN (
    SELECT counted.collection_id, count(*) AS action_types, jsonb_object_agg(action.name, counted.events) AS action_breakdown
    FROM (
        SELECT fact.collection_id, fact.action_id, sum(fact.events)::bigint AS events
        FROM :"schema".fact AS fact
        WHERE :"schema".is_within(fact.hour, 7)
        GROUP BY fact.collection_id, fact.action_id
    ) AS counted
    JOIN :"schema".dim_action AS action ON action.id = counted.action_id
    GROUP BY counted.collection_id
) AS parts USING (collection_id)
JOIN :"schema".dim_collection AS collection ON collection.id = whole.collection_id
WITH NO DATA;
CREATE UNIQUE INDEX mv_activity_collection_stats_key ON :"schema".mv_activity_collection_stats (collection);

-- PostgreSQL lets everybody call a new function. Who may is said in sql/roles.
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA :"schema" FROM PUBLIC;
