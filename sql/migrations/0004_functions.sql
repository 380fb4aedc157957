-- The functions that people ask in SQL, and the views that show how tables, indexes and queries are.
--
-- A window of N days begins at the whole hour N days ago and includes the running hour; hours that have not begun do
-- not count. Functions read facts with the rights of the daemon's role, so that EXECUTE on them is all that a reader
-- needs, and they are planned for their arguments, so that months outside of the window are not looked at.

-- Refuses an argument that is not within its bounds. NaN is larger than every bound.
CREATE FUNCTION :"schema".require_between(
    p_name text, p_value double precision, p_least double precision, p_most double precision) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = :"schema", pg_temp AS $$
BEGIN
    IF p_value IS NULL OR p_value NOT BETWEEN p_least AND p_most THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format(
                '%s is %s: accepted is %s to %s', p_name, coalesce(p_value::text, 'NULL'), p_least, p_most);
    END IF;
END
$$;

-- The busiest addresses of the last days, with their risk. The score is the sum of the points: more than 1000 actions
-- 3, more than 500 2, more than 100 1; more than 10 collections 2, more than 5 1; more than 4 kinds of action 1. High
-- is 4 or more, medium 2 or more.
CREATE FUNCTION :"schema".get_ip_activity_stats(
    p_days integer DEFAULT 7, p_min_count integer DEFAULT 10, p_limit integer DEFAULT 50)
RETURNS TABLE (
    ip text, total_actions bigint, unique_collections bigint, unique_users bigint, unique_actions bigint,
    action_breakdown jsonb, first_seen timestamptz, last_seen timestamptz, risk_score integer, risk_level text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = :"schema", pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    v_hour constant timestamptz := date_trunc('hour', now(), 'UTC');
    v_first timestamptz;
BEGIN
    PERFORM require_between('p_days', p_days, 1, 366);
    PERFORM require_between('p_min_count', p_min_count, 1, 2147483647);
    PERFORM require_between('p_limit', p_limit, 1, 10000);
    v_first := v_hour - make_interval(hours => 24 * p_days);
    RETURN QUERY
    WITH busiest AS MATERIALIZED (
        SELECT total.ip_id, address.name, total.events
        FROM (
            SELECT f.ip_id, sum(f.events)::bigint AS events
            FROM fact AS f
            WHERE f.hour >= v_first AND f.hour <= v_hour AND f.ip_id <> 0
            GROUP BY f.ip_id
            HAVING sum(f.events) >= p_min_count
        ) AS total
        JOIN dim_ip AS address ON address.id = total.ip_id
        ORDER BY total.events DESC, address.name
        LIMIT p_limit
    ),
    tally AS MATERIALIZED (
        SELECT f.ip_id, f.collection_id, f.action_id, f.user_id, sum(f.events) AS events,
               min(f.first_at) AS first_at, max(f.last_at) AS last_at
        FROM fact AS f
        JOIN busiest ON busiest.ip_id = f.ip_id
        WHERE f.hour >= v_first AND f.hour <= v_hour
        GROUP BY f.ip_id, f.collection_id, f.action_id, f.user_id
    ),
    counted AS (
        SELECT ip_id, count(DISTINCT collection_id) AS collections, count(DISTINCT nullif(user_id, 0)) AS users,
               count(DISTINCT action_id) AS actions, min(first_at) AS first_at, max(last_at) AS last_at
        FROM tally
        GROUP BY ip_id
    ),
    breakdown AS (
        SELECT each.ip_id, jsonb_object_agg(action.name, each.events) AS by_action
        FROM (SELECT ip_id, action_id, sum(events)::bigint AS events FROM tally GROUP BY ip_id, action_id) AS each
        JOIN dim_action AS action ON action.id = each.action_id
        GROUP BY each.ip_id
    )
    SELECT busiest.name, busiest.events, counted.collections, counted.users, counted.actions, breakdown.by_action,
           counted.first_at, counted.last_at, risk.points,
           CASE WHEN risk.points >= 4 THEN 'high' WHEN risk.points >= 2 THEN 'medium' ELSE 'low' END
    FROM busiest
    JOIN counted ON counted.ip_id = busiest.ip_id
    JOIN breakdown ON breakdown.ip_id = busiest.ip_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN busiest.events > 1000 THEN 3 WHEN busiest.events > 500 THEN 2
                    WHEN busiest.events > 100 THEN 1 ELSE 0 END
             + CASE WHEN counted.collections > 10 THEN 2 WHEN counted.collections > 5 THEN 1 ELSE 0 END
             + CASE WHEN counted.actions > 4 THEN 1 ELSE 0 END
    ) AS risk (points)
    ORDER BY busiest.events DESC, busiest.name;
END
$$;

-- How much each user has done in the last days. The score, to two decimals, is 40 for as many actions as the busiest
-- user, 30 for activity on every day, and 30 for 20 collections, in proportion, 100 at most; the level is that of the
-- score as shown. Days are those of UTC, so a window touches one more than p_days unless it begins at midnight.
CREATE FUNCTION :"schema".get_user_engagement_metrics(p_days integer DEFAULT 30)
RETURNS TABLE (
    user_id uuid, total_actions bigint, active_days bigint, collections_used bigint, action_diversity bigint,
    engagement_score numeric, engagement_level text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = :"schema", pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    v_hour constant timestamptz := date_trunc('hour', now(), 'UTC');
    v_first timestamptz;
BEGIN
    PERFORM require_between('p_days', p_days, 1, 366);
    v_first := v_hour - make_interval(hours => 24 * p_days);
    RETURN QUERY
    WITH tally AS MATERIALIZED (
        SELECT f.user_id AS id, date_trunc('day', f.hour, 'UTC') AS day, f.collection_id, f.action_id,
               sum(f.events) AS events
        FROM fact AS f
        WHERE f.hour >= v_first AND f.hour <= v_hour AND f.user_id <> 0
        GROUP BY f.user_id, 2, f.collection_id, f.action_id
    ),
    counted AS (
        SELECT id, sum(events) AS events, count(DISTINCT day) AS days, count(DISTINCT collection_id) AS collections,
               count(DISTINCT action_id) AS actions
        FROM tally
        GROUP BY id
    ),
    scored AS (
        SELECT counted.*, round(
                   least(100, events * 40 / max(events) OVER () + days * 30.0 / p_days + collections * 30.0 / 20), 2
               ) AS score
        FROM counted
    )
    SELECT account.name, scored.events::bigint, scored.days, scored.collections, scored.actions, scored.score,
           CASE WHEN scored.score >= 70 THEN 'high' WHEN scored.score >= 40 THEN 'medium' ELSE 'low' END
    FROM scored
    JOIN dim_user AS account ON account.id = scored.id
    ORDER BY scored.score DESC, account.name;
END
$$;

-- Addresses and users that are louder now than they or their like have been.
--
-- The current block is the p_hours whole hours that end with the running one; the 28 days before it are divided into
-- blocks of as many hours. The running hour is shorter than the others, which errs towards silence.
--
-- VOLUME_SPIKE: an entity is compared with its own earlier blocks, never with what others do now, so it is found even
-- if it is the only one. Only blocks count in which it did something: with the empty ones, whoever works in fewer than
-- a tenth of all hours would be three standard deviations above the average by doing the same as ever. It takes three
-- such blocks, the first of them a day ago or more: what began today must not become usual today.
--
-- NEW_ENTITY: an entity without so much history is compared with its peers, that is, with a past active block of any
-- other address or user. Each peer weighs the same, so that a machine that never rests does not decide what is usual.
-- Where the peers have fewer than three such blocks nothing is said, for then nobody knows what is usual.
--
-- The current block is in neither. The standard deviation is taken for no less than the square root of the average,
-- which is that of events that come by chance, and no less than 1: two events after a history of one are no anomaly.
-- Falls are not looked for. Numbers have two decimals; what is above the threshold is decided by the distance as shown.
CREATE FUNCTION :"schema".detect_activity_anomalies(
    p_hours integer DEFAULT 1, p_stddev_threshold double precision DEFAULT 3.0)
RETURNS TABLE (
    anomaly_type text, entity_type text, entity_value text, current_count bigint, average_count numeric,
    stddev_count numeric, stddev_from_mean numeric, severity text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = :"schema", pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    v_hour constant timestamptz := date_trunc('hour', now(), 'UTC');
    v_block interval;
    v_current timestamptz;
    v_first timestamptz;
BEGIN
    PERFORM require_between('p_hours', p_hours, 1, 168);
    PERFORM require_between('p_stddev_threshold', p_stddev_threshold, 0.1, 1000);
    v_block := make_interval(hours => p_hours);
    v_current := v_hour - make_interval(hours => p_hours - 1);
    v_first := v_current - 28 * 24 / p_hours * v_block;
    RETURN QUERY
    WITH tally AS MATERIALIZED (
        SELECT date_bin(v_block, f.hour, v_first) AS block, f.ip_id, f.user_id, sum(f.events) AS events
        FROM fact AS f
        WHERE f.hour >= v_first AND f.hour <= v_hour
        GROUP BY 1, f.ip_id, f.user_id
    ),
    active AS (
        SELECT 'ip' AS kind, ip_id AS id, block, sum(events) AS events
        FROM tally WHERE ip_id <> 0 GROUP BY ip_id, block
        UNION ALL
        SELECT 'user', user_id, block, sum(events)
        FROM tally WHERE user_id <> 0 GROUP BY user_id, block
    ),
    entity AS (
        SELECT kind, id, min(block) AS first_block, sum(events) FILTER (WHERE block = v_current) AS current_events,
               count(*) FILTER (WHERE block < v_current) AS blocks,
               avg(events) FILTER (WHERE block < v_current) AS average,
               stddev_samp(events) FILTER (WHERE block < v_current) AS deviation,
               avg(events * events) FILTER (WHERE block < v_current) AS average_square
        FROM active
        GROUP BY kind, id
    ),
    among_peers AS (
        SELECT entity.*, sum(blocks) OVER kind - blocks AS peer_blocks,
               (sum(average) OVER kind - coalesce(average, 0)) / nullif(peers, 0) AS peer_average,
               (sum(average_square) OVER kind - coalesce(average_square, 0)) / nullif(peers, 0) AS peer_average_square
        FROM (SELECT *, count(average) OVER (PARTITION BY kind) - (blocks > 0)::integer AS peers FROM entity) AS entity
        WINDOW kind AS (PARTITION BY kind)
    ),
    judged AS (
        SELECT among_peers.kind, among_peers.id, among_peers.current_events, usual.anomaly, usual.average,
               greatest(usual.deviation, sqrt(usual.average), 1) AS deviation
        FROM among_peers
        CROSS JOIN LATERAL (
            SELECT blocks >= 3 AND first_block <= v_current - interval '24 hours' AS has_history
        ) AS own
        CROSS JOIN LATERAL (
            SELECT 'VOLUME_SPIKE', among_peers.average, among_peers.deviation WHERE has_history
            UNION ALL
            SELECT 'NEW_ENTITY', peer_average, sqrt(greatest(peer_average_square - peer_average * peer_average, 0))
            WHERE NOT has_history AND peer_blocks >= 3
        ) AS usual (anomaly, average, deviation)
        WHERE among_peers.current_events IS NOT NULL
    ),
    shown AS (
        SELECT judged.*, round((current_events - average) / deviation, 2) AS distance FROM judged
    )
    SELECT shown.anomaly, shown.kind, coalesce(address.name, account.name::text), shown.current_events::bigint,
           round(shown.average, 2), round(shown.deviation, 2), shown.distance,
           CASE WHEN shown.distance > 5 THEN 'critical' WHEN shown.distance > 4 THEN 'high'
                WHEN shown.distance > 3 THEN 'medium' ELSE 'low' END
    FROM shown
    LEFT JOIN dim_ip AS address ON shown.kind = 'ip' AND address.id = shown.id
    LEFT JOIN dim_user AS account ON shown.kind = 'user' AND account.id = shown.id
    WHERE shown.distance > p_stddev_threshold
    ORDER BY shown.distance DESC, shown.kind, coalesce(address.name, account.name::text) COLLATE "C";
END
$$;

-- Directus's table, by its name alone: what names it more firmly would keep Directus from altering it.
CREATE FUNCTION :"schema".source_table() RETURNS oid
LANGUAGE sql STABLE SET search_path = :"source", pg_temp AS $$ SELECT to_regclass('directus_activity')::oid $$;

-- The tables that are watched over: those of this schema and Directus's. A partitioned one has a row for itself and one
-- for each of its partitions, all under its name. Maintained are those that the daemon's role may vacuum.
CREATE FUNCTION :"schema".monitored_tables()
RETURNS TABLE (tablename text, relation oid, relation_name text, is_maintained boolean)
LANGUAGE sql STABLE SET search_path = :"schema", pg_temp AS $$
    SELECT t.relname::text, m.oid, format('%I.%I', n.nspname, m.relname),
           pg_has_role(m.relowner, 'USAGE') OR CASE
               WHEN current_setting('server_version_num')::integer < 170000 THEN false
               ELSE has_table_privilege(m.oid, 'MAINTAIN')
           END
    FROM pg_class AS t
    CROSS JOIN LATERAL (SELECT t.oid UNION SELECT p.relid FROM pg_partition_tree(t.oid) AS p) AS member
    JOIN pg_class AS m ON m.oid = member.oid
    JOIN pg_namespace AS n ON n.oid = m.relnamespace
    WHERE t.relkind IN ('r', 'm', 'p') AND NOT t.relispartition
        AND (t.relnamespace = (SELECT s.oid FROM pg_namespace AS s WHERE s.nspname = current_schema())
            OR t.oid = source_table())
$$;

-- Does at once what can be done inside of a transaction, and asks the daemon for the rest: VACUUM can not.
CREATE FUNCTION :"schema".maintain_activity_table()
RETURNS TABLE (operation text, duration_ms double precision, result text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = :"schema", pg_temp AS $$
DECLARE
    v_table record;
    v_month timestamptz;
    v_started timestamptz;
BEGIN
    -- A partitioned table is analyzed with its partitions.
    FOR v_table IN
        SELECT m.relation, m.relation_name FROM monitored_tables() AS m JOIN pg_class AS c ON c.oid = m.relation
        WHERE m.is_maintained AND NOT c.relispartition ORDER BY m.relation_name
    LOOP
        v_started := clock_timestamp();
        EXECUTE 'ANALYZE ' || v_table.relation_name;
        operation := 'analyze ' || v_table.relation_name;
        duration_ms := extract(epoch FROM clock_timestamp() - v_started) * 1000;
        SELECT format('%s rows', greatest(c.reltuples, 0)::bigint) INTO result FROM pg_class AS c
        WHERE c.oid = v_table.relation;
        RETURN NEXT;
    END LOOP;
    FOR v_month IN SELECT date_trunc('month', now(), 'UTC') + make_interval(months => m) FROM generate_series(0, 2) AS m
    LOOP
        v_started := clock_timestamp();
        operation := 'partition fact_' || to_char(v_month AT TIME ZONE 'UTC', 'YYYY_MM');
        result := CASE
            WHEN to_regclass('fact_' || to_char(v_month AT TIME ZONE 'UTC', 'YYYY_MM')) IS NULL THEN 'made'
            ELSE 'was there'
        END;
        PERFORM ensure_fact_partition(v_month);
        duration_ms := extract(epoch FROM clock_timestamp() - v_started) * 1000;
        RETURN NEXT;
    END LOOP;
    v_started := clock_timestamp();
    operation := 'vacuum';
    result := format(
        'left to the daemon as run %s of the job maintain: VACUUM cannot run inside of a function',
        request_run('maintain'));
    duration_ms := extract(epoch FROM clock_timestamp() - v_started) * 1000;
    RETURN NEXT;
END
$$;

-- Asks the daemon to rebuild indexes while they are in use, which cannot be done inside of a function. A row for each
-- index that the job looks at.
CREATE FUNCTION :"schema".rebuild_activity_indexes()
RETURNS TABLE (operation text, duration_ms double precision, result text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = :"schema", pg_temp AS $$
DECLARE
    v_started constant timestamptz := clock_timestamp();
    v_run constant bigint := request_run('rebuild-indexes');
    v_duration constant double precision := extract(epoch FROM clock_timestamp() - v_started) * 1000;
BEGIN
    RETURN QUERY
    SELECT format('reindex %I.%I', n.nspname, i.relname), v_duration,
           format(
               'left to the daemon as run %s of the job rebuild-indexes: '
               'REINDEX CONCURRENTLY cannot run inside of a function', v_run)
    FROM monitored_tables() AS m
    JOIN pg_index AS x ON x.indrelid = m.relation
    JOIN pg_class AS i ON i.oid = x.indexrelid AND i.relkind = 'i'
    JOIN pg_namespace AS n ON n.oid = i.relnamespace
    WHERE m.is_maintained
    ORDER BY 1;
END
$$;

-- How long the functions and views take now. Materialized views that are not there or were never filled are left out.
CREATE FUNCTION :"schema".test_activity_query_performance()
RETURNS TABLE (query_name text, execution_time_ms double precision, rows_returned bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = :"schema", pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_query record;
    v_started timestamptz;
BEGIN
    FOR v_query IN
        SELECT q.name, q.source
        FROM (VALUES
            (1, 'ip stats 7 days', 'get_ip_activity_stats(7)'),
            (2, 'engagement 30 days', 'get_user_engagement_metrics(30)'),
            (3, 'anomalies 1 hour', 'detect_activity_anomalies(1)'),
            (4, 'hourly stats', 'mv_activity_hourly_stats'),
            (5, 'daily summary', 'mv_activity_daily_summary'),
            (6, 'collection stats', 'mv_activity_collection_stats'),
            (7, 'table stats', 'v_activity_table_stats'),
            (8, 'index stats', 'v_activity_index_stats')
        ) AS q (position, name, source)
        LEFT JOIN pg_class AS c ON q.source LIKE 'mv%' AND c.oid = to_regclass(q.source) AND c.relkind = 'm'
        WHERE q.source NOT LIKE 'mv%' OR c.relispopulated
        ORDER BY q.position
    LOOP
        v_started := clock_timestamp();
        EXECUTE 'SELECT count(*) FROM ' || v_query.source INTO rows_returned;
        execution_time_ms := extract(epoch FROM clock_timestamp() - v_started) * 1000;
        query_name := v_query.name;
        RETURN NEXT;
    END LOOP;
END
$$;

-- The views stand on functions, for the statistics of columns are shown only to those who may read the columns.

-- The bloat is what an index has beyond what its entries would fill. NULL for others than B-trees and before the first
-- ANALYZE; too small where PostgreSQL keeps equal entries once.
CREATE FUNCTION :"schema".activity_index_stats()
RETURNS TABLE (
    indexname text, scans bigint, size text, usage_level text, tablename text, size_bytes bigint,
    estimated_bloat_bytes bigint, is_valid boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = :"schema", pg_temp AS $$
    WITH index AS MATERIALIZED (
        SELECT i.oid, i.relname AS name, t.relname AS table_name, n.nspname AS schema, x.indrelid, x.indkey,
               x.indisvalid, x.indpred IS NOT NULL AS is_partial, m.amname = 'btree' AS is_btree,
               -- Both numbers lag, and whichever is larger makes the index look less bloated.
               CASE WHEN t.reltuples >= 0 THEN greatest(
                   i.reltuples,
                   pg_stat_get_live_tuples(t.oid)
                       * CASE WHEN x.indpred IS NULL THEN 1 ELSE least(i.reltuples / nullif(t.reltuples, 0), 1) END
               ) END AS entries,
               pg_stat_get_numscans(i.oid) AS scans, pg_relation_size(i.oid) AS bytes,
               current_setting('block_size')::integer AS page,
               coalesce(
                   (SELECT o.option_value::integer FROM pg_options_to_table(i.reloptions) AS o
                    WHERE o.option_name = 'fillfactor'), 90
               ) AS fill_factor
        FROM monitored_tables() AS monitored
        JOIN pg_index AS x ON x.indrelid = monitored.relation
        JOIN pg_class AS t ON t.oid = x.indrelid
        JOIN pg_namespace AS n ON n.oid = t.relnamespace
        JOIN pg_class AS i ON i.oid = x.indexrelid AND i.relkind = 'i'
        JOIN pg_am AS m ON m.oid = i.relam
    ),
    -- An entry is a header of 8 bytes, 8 more where there may be NULLs, and the values; a pointer of 4 leads to it.
    entry AS (
        SELECT index.oid,
               12 + CASE WHEN bool_or(s.null_frac > 0) THEN 8 ELSE 0 END
                   + ceil(sum(width.bytes * CASE WHEN is_partial THEN 1 ELSE 1 - coalesce(s.null_frac, 0) END) / 8) * 8
                   AS width,
               bool_and(width.bytes IS NOT NULL) AS is_known
        FROM index
        JOIN pg_attribute AS a ON a.attrelid = index.oid
        LEFT JOIN pg_attribute AS t
            ON t.attrelid = index.indrelid AND t.attnum = index.indkey[a.attnum - 1] AND t.attnum <> 0
        -- An expression has its statistics under the name of the index.
        LEFT JOIN pg_stats AS s ON s.schemaname = index.schema AND NOT s.inherited
            AND s.tablename = CASE WHEN t.attname IS NULL THEN index.name ELSE index.table_name END
            AND s.attname = coalesce(t.attname, a.attname)
        CROSS JOIN LATERAL (SELECT CASE WHEN a.attlen > 0 THEN a.attlen ELSE s.avg_width END) AS width (bytes)
        GROUP BY index.oid
    )
    SELECT index.name::text, scans, pg_size_pretty(bytes),
           CASE WHEN scans = 0 THEN 'UNUSED' WHEN scans < 100 THEN 'LOW_USAGE' WHEN scans < 1000 THEN 'MEDIUM_USAGE'
                ELSE 'HIGH_USAGE' END,
           table_name::text, bytes,
           -- A page has 24 bytes of header and 16 at its end; the first page of an index holds no entries.
           CASE WHEN is_btree AND entries = 0 THEN bytes - page
                WHEN is_btree AND is_known AND entries > 0 THEN greatest(0, bytes - page
                    * (1 + ceil(entries / greatest(1, floor((page - 40) * fill_factor / 100 / entry.width)))))
           END::bigint,
           indisvalid
    FROM index
    JOIN entry ON entry.oid = index.oid
    ORDER BY table_name, index.name
$$;

CREATE VIEW :"schema".v_activity_index_stats AS
    SELECT indexname, scans, size, usage_level, tablename, size_bytes, estimated_bloat_bytes, is_valid
    FROM :"schema".activity_index_stats();

-- Sizes are in bytes, table_size with what is stored out of line. A partitioned table has the sums of its partitions,
-- the newest of their times and the largest of their ages. How old the newest row of directus_activity is, the facts
-- say: negative while the clock of Directus runs ahead, but rows more than an hour ahead are of a wrong clock and left
-- out.
CREATE FUNCTION :"schema".activity_table_stats()
RETURNS TABLE (
    tablename text, live_rows bigint, dead_rows bigint, dead_share numeric, table_size bigint, index_size bigint,
    total_size bigint, last_vacuum timestamptz, last_autovacuum timestamptz, last_analyze timestamptz,
    last_autoanalyze timestamptz, newest_row_age interval, xid_age bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = :"schema", pg_temp AS $$
    WITH newest AS (
        SELECT f.last_at
        FROM changed_hour AS h
        CROSS JOIN LATERAL (
            SELECT max(fact.last_at) FROM fact WHERE fact.hour = h.hour AND fact.last_at <= now() + interval '1 hour'
        ) AS f (last_at)
        WHERE isfinite(h.hour) AND h.hour <= now() + interval '1 hour' AND f.last_at IS NOT NULL
        ORDER BY h.hour DESC
        LIMIT 1
    )
    SELECT m.tablename, sum(s.n_live_tup)::bigint, sum(s.n_dead_tup)::bigint,
           round(sum(s.n_dead_tup) / nullif(sum(s.n_live_tup + s.n_dead_tup), 0), 3),
           sum(pg_table_size(m.relation))::bigint, sum(pg_indexes_size(m.relation))::bigint,
           sum(pg_total_relation_size(m.relation))::bigint,
           max(s.last_vacuum), max(s.last_autovacuum), max(s.last_analyze), max(s.last_autoanalyze),
           CASE WHEN bool_or(m.relation = source_table()) THEN now() - (SELECT last_at FROM newest) END,
           max(CASE WHEN c.relkind <> 'p' THEN age(c.relfrozenxid) END)::bigint
    FROM monitored_tables() AS m
    JOIN pg_class AS c ON c.oid = m.relation
    LEFT JOIN pg_stat_all_tables AS s ON s.relid = m.relation
    GROUP BY m.tablename
    ORDER BY m.tablename
$$;

CREATE VIEW :"schema".v_activity_table_stats AS
    SELECT tablename, live_rows, dead_rows, dead_share, table_size, index_size, total_size, last_vacuum,
        last_autovacuum, last_analyze, last_autoanalyze, newest_row_age, xid_age
    FROM :"schema".activity_table_stats();

-- Statements that take 100 ms or more on average and name directus_activity, this schema or what it offers, the dearest
-- first, in milliseconds. The extension pg_stat_statements may come and go; without it, or while the server has not
-- loaded it, there are none. It is asked with the rights of the caller, whom it shows what he may see.
CREATE FUNCTION :"schema".activity_slow_queries()
RETURNS TABLE (
    query text, calls bigint, total_exec_time double precision, mean_exec_time double precision, rows bigint)
LANGUAGE plpgsql STABLE SET search_path = :"schema", pg_temp AS $$
DECLARE
    v_extension text;
BEGIN
    SELECT quote_ident(n.nspname) INTO v_extension
    FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_stat_statements';
    IF v_extension IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT s.query, s.calls, s.total_exec_time, s.mean_exec_time, s.rows
         FROM %s.pg_stat_statements AS s
         WHERE s.dbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
             AND s.mean_exec_time >= 100 AND s.query ~* $1
         ORDER BY s.total_exec_time DESC', v_extension)
    USING '_activity_|directus_activity|get_user_engagement_metrics|(^|[^[:alnum:]_$."])"?'
        || regexp_replace(replace(current_schema(), '"', '""'), '([^[:alnum:]_])', '\\\1', 'g') || '"?[[:space:]]*\.';
EXCEPTION WHEN object_not_in_prerequisite_state THEN
    RETURN; -- not in shared_preload_libraries
END
$$;

CREATE VIEW :"schema".v_activity_slow_queries AS
    SELECT query, calls, total_exec_time, mean_exec_time, rows FROM :"schema".activity_slow_queries();

REVOKE EXECUTE ON FUNCTION
    :"schema".require_between(text, double precision, double precision, double precision),
    :"schema".get_ip_activity_stats(integer, integer, integer),
    :"schema".get_user_engagement_metrics(integer),
    :"schema".detect_activity_anomalies(integer, double precision),
    :"schema".source_table(),
    :"schema".monitored_tables(),
    :"schema".maintain_activity_table(),
    :"schema".rebuild_activity_indexes(),
    :"schema".test_activity_query_performance(),
    :"schema".activity_index_stats(),
    :"schema".activity_table_stats(),
    :"schema".activity_slow_queries()
FROM PUBLIC;
