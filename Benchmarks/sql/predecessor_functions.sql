-- The predecessor's functions, made to work on the raw table with its indexes. As published they raise when called.
-- Windows begin on a whole hour and days are in UTC, as with activityd, so that answers can be compared.

CREATE FUNCTION get_ip_activity_stats(
    p_days integer DEFAULT 7, p_min_count bigint DEFAULT 10, p_limit integer DEFAULT 50)
RETURNS TABLE (
    ip text, total_actions bigint, unique_collections bigint, unique_users bigint, unique_actions bigint,
    action_breakdown jsonb, first_seen timestamptz, last_seen timestamptz, risk_score integer, risk_level text)
LANGUAGE sql STABLE AS $$
    WITH edge AS (
        SELECT date_trunc('hour', now(), 'UTC') - make_interval(days => p_days) AS begins
    ), busiest AS (
        SELECT
            a.ip,
            count(*) AS total_actions,
            count(DISTINCT a.collection) AS unique_collections,
            count(DISTINCT a."user") AS unique_users,
            count(DISTINCT a.action) AS unique_actions,
            min(a."timestamp") AS first_seen,
            max(a."timestamp") AS last_seen
        FROM directus_activity AS a
        WHERE a."timestamp" >= (SELECT begins FROM edge) AND a.ip IS NOT NULL
        GROUP BY a.ip
        HAVING count(*) >= p_min_count
        ORDER BY total_actions DESC, a.ip COLLATE "C"
        LIMIT p_limit
    ), scored AS (
        SELECT
            busiest.*,
            CASE
                WHEN total_actions > 1000 THEN 3
                WHEN total_actions > 500 THEN 2
                WHEN total_actions > 100 THEN 1
                ELSE 0
            END
                + CASE WHEN unique_collections > 10 THEN 2 WHEN unique_collections > 5 THEN 1 ELSE 0 END
                + CASE WHEN unique_actions > 4 THEN 1 ELSE 0 END AS risk_score
        FROM busiest
    )
    SELECT
        scored.ip,
        total_actions,
        unique_collections,
        unique_users,
        unique_actions,
        -- Only of those that are shown, through idx_activity_ip_timestamp.
        (
            SELECT jsonb_object_agg(action, events)
            FROM (
                SELECT action, count(*) AS events
                FROM directus_activity AS a
                WHERE a.ip = scored.ip AND a."timestamp" >= (SELECT begins FROM edge)
                GROUP BY action
            ) AS counted
        ),
        first_seen,
        last_seen,
        risk_score,
        CASE WHEN risk_score >= 4 THEN 'high' WHEN risk_score >= 2 THEN 'medium' ELSE 'low' END
    FROM scored
    ORDER BY total_actions DESC, scored.ip COLLATE "C"
$$;

CREATE FUNCTION get_user_engagement_metrics(p_days integer DEFAULT 30)
RETURNS TABLE (
    user_id uuid, total_actions bigint, active_days bigint, collections_used bigint, action_diversity bigint,
    engagement_score numeric, engagement_level text)
LANGUAGE sql STABLE AS $$
    WITH counted AS (
        SELECT
            "user" AS user_id,
            count(*) AS total_actions,
            count(DISTINCT ("timestamp" AT TIME ZONE 'UTC')::date) AS active_days,
            count(DISTINCT collection) AS collections_used,
            count(DISTINCT action) AS action_diversity
        FROM directus_activity
        WHERE "timestamp" >= date_trunc('hour', now(), 'UTC') - make_interval(days => p_days) AND "user" IS NOT NULL
        GROUP BY "user"
    ), scored AS (
        SELECT
            counted.*,
            round(least(100, total_actions * 40.0 / max(total_actions) OVER () + active_days * 30.0 / p_days
                + collections_used * 30.0 / 20), 2) AS engagement_score
        FROM counted
    )
    SELECT
        scored.*,
        CASE WHEN engagement_score >= 70 THEN 'high' WHEN engagement_score >= 40 THEN 'medium' ELSE 'low' END
    FROM scored
    ORDER BY engagement_score DESC, user_id
$$;

-- The predecessor compared addresses of one hour with each other. What is asked here is what activityd answers: each
-- entity beside its own past active blocks of 28 days, and new ones beside their peers', each of which weighs the same.
CREATE FUNCTION detect_activity_anomalies(p_hours integer DEFAULT 1, p_stddev_threshold double precision DEFAULT 3.0)
RETURNS TABLE (
    anomaly_type text, entity_type text, entity_value text, current_count bigint, average_count numeric,
    stddev_count numeric, stddev_from_mean numeric, severity text)
LANGUAGE sql STABLE AS $$
    WITH edge AS (
        SELECT
            make_interval(hours => p_hours) AS length,
            date_trunc('hour', now(), 'UTC') - make_interval(hours => p_hours - 1) AS current_block,
            date_trunc('hour', now(), 'UTC') - make_interval(hours => p_hours - 1 + 28 * 24 / p_hours * p_hours)
                AS begins
    ), tally AS MATERIALIZED (
        SELECT
            date_bin((SELECT length FROM edge), "timestamp", (SELECT begins FROM edge)) AS block,
            ip,
            "user",
            count(*) AS events
        FROM directus_activity
        WHERE "timestamp" >= (SELECT begins FROM edge)
        GROUP BY 1, 2, 3
    ), active AS (
        SELECT 'ip' AS kind, ip::text AS value, block, sum(events) AS events
        FROM tally
        WHERE ip IS NOT NULL
        GROUP BY ip, block
        UNION ALL
        SELECT 'user', "user"::text, block, sum(events)
        FROM tally
        WHERE "user" IS NOT NULL
        GROUP BY "user", block
    ), entity AS (
        SELECT
            kind,
            value,
            min(block) AS first_block,
            sum(events) FILTER (WHERE block = current_block) AS current_events,
            count(*) FILTER (WHERE block < current_block) AS blocks,
            avg(events) FILTER (WHERE block < current_block) AS average,
            stddev_samp(events) FILTER (WHERE block < current_block) AS deviation,
            avg(events * events) FILTER (WHERE block < current_block) AS average_square
        FROM active
        CROSS JOIN edge
        GROUP BY kind, value
    ), peers AS (
        SELECT
            mine.kind,
            mine.value,
            sum(other.blocks) AS blocks,
            avg(other.average) AS average,
            avg(other.average_square) AS average_square
        FROM entity AS mine
        JOIN entity AS other ON other.kind = mine.kind AND other.value <> mine.value
        CROSS JOIN edge
        WHERE mine.current_events IS NOT NULL
            AND (mine.blocks < 3 OR mine.first_block > current_block - interval '24 hours')
        GROUP BY mine.kind, mine.value
    ), usual AS (
        SELECT 'VOLUME_SPIKE' AS anomaly, kind, value, current_events, average, deviation
        FROM entity
        CROSS JOIN edge
        WHERE current_events IS NOT NULL AND blocks >= 3 AND first_block <= current_block - interval '24 hours'
        UNION ALL
        SELECT
            'NEW_ENTITY',
            kind,
            value,
            current_events,
            peers.average,
            sqrt(greatest(peers.average_square - peers.average * peers.average, 0))
        FROM peers
        JOIN entity USING (kind, value)
        WHERE peers.blocks >= 3
    ), judged AS (
        SELECT usual.*, greatest(deviation, sqrt(average), 1) AS bound
        FROM usual
    ), shown AS (
        SELECT judged.*, round((current_events - average) / bound, 2) AS distance
        FROM judged
    )
    SELECT
        anomaly,
        kind,
        value,
        current_events::bigint,
        round(average, 2),
        round(bound, 2),
        distance,
        CASE
            WHEN distance > 5 THEN 'critical'
            WHEN distance > 4 THEN 'high'
            WHEN distance > 3 THEN 'medium'
            ELSE 'low'
        END
    FROM shown
    WHERE distance > p_stddev_threshold
    ORDER BY distance DESC, kind, value COLLATE "C"
$$;
