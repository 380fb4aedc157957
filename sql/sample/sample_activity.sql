-- Fills an existing directus_activity with activity that looks real, up to now.
--
--   psql -v rows=1000000 -v days=90 -v seed=1 -f sample_activity.sql
--
-- People work by day in three time zones and rest at weekends; integrations never sleep and import at night;
-- flows run without a user; visitors fill in forms. Five nights ago somebody guessed passwords from one address,
-- two days ago somebody deleted hundreds of items within five minutes.
--
-- Everything is drawn from hashes of (seed, ordinal), so the same seed and the same now() give the same rows.
-- A distinct (hour, collection, action, user, ip) has about four rows at a million rows, six at ten million.
-- Addresses come from the ranges reserved for documentation and benchmarks: they belong to nobody.

\if :{?rows}
\else
    \set rows 100000
\endif
\if :{?days}
\else
    \set days 90
\endif
\if :{?seed}
\else
    \set seed 1
\endif

\set ON_ERROR_STOP on

BEGIN;

SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
SET LOCAL jit = off;
SET LOCAL work_mem = '128MB';
-- Each day is planned for its own rows.
SET LOCAL plan_cache_mode = force_custom_plan;
-- The planner cannot know how few sessions match, and would sort or rescan millions of draws.
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_nestloop = off;

-- A number in [0, 1) for each (ordinal, stream).
CREATE FUNCTION pg_temp.chance(ordinal bigint, stream bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(ordinal, stream) & 1048575) / 1048576.0::double precision;

CREATE FUNCTION pg_temp.whole(ordinal bigint, stream bigint, bound bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(ordinal, stream) & 4611686018427387903) % bound;

CREATE FUNCTION pg_temp.stable_uuid(name text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN overlay(overlay(md5(name) PLACING '4' FROM 13) PLACING 'a' FROM 17)::uuid;

-- Installations grow in rows faster than in people and addresses.
CREATE TEMP TABLE sample_setting ON COMMIT DROP AS
SELECT
    rows,
    seed,
    now() AS until,
    now() - make_interval(days => days) AS since,
    greatest(12, round(4.0 * rows ^ (1 / 3.0)))::int AS people,
    greatest(3, round(0.5 * rows ^ 0.25))::int AS integrations,
    greatest(20, round(6.0 * rows ^ 0.4))::int AS visitors,
    least(150, rows / 100)::int AS brute_force_rows,
    least(400, rows / 50)::int AS mass_delete_rows,
    date_trunc('day', now()) - make_interval(days => least(5, days / 2)) + interval '1 hour' AS brute_force_at,
    date_trunc('day', now()) - make_interval(days => least(2, days / 3)) + interval '15 hours 20 minutes'
        AS mass_delete_at,
    ARRAY[
        -- What people edit, the busiest first: 32.
        'articles', 'products', 'pages', 'orders', 'directus_files', 'customers', 'events', 'translations',
        'product_variants', 'tags', 'news', 'authors', 'categories', 'campaigns', 'landing_pages', 'faqs', 'jobs',
        'locations', 'team_members', 'testimonials', 'menus', 'redirects', 'banners', 'coupons', 'invoices',
        'press_releases', 'glossary', 'case_studies', 'partners', 'surveys', 'directus_folders', 'directus_presets',
        -- What integrations write: 8.
        'stock_levels', 'price_updates', 'sensor_readings', 'shipments', 'crm_contacts', 'search_index_queue',
        'newsletter_subscribers', 'payment_events'
    ] AS names,
    ARRAY(SELECT pg_temp.stable_uuid('flow ' || flow)::text FROM generate_series(1, 8) AS flow) AS flows
FROM (SELECT :rows::bigint AS rows, :days::int AS days, :seed::bigint AS seed) AS given;

CREATE TEMP TABLE sample_person ON COMMIT DROP AS
SELECT
    zone,
    row_number() OVER (PARTITION BY zone ORDER BY number) - 1 AS rank,
    number,
    pg_temp.stable_uuid('person ' || seed || ' ' || number) AS id,
    '203.0.113.' || 1 + number % 9 AS office,
    CASE
        WHEN number % 4 = 0 THEN format('2001:db8:%s:%s::%s', to_hex(number), to_hex(number * 7 % 4093), to_hex(number % 251))
        ELSE format('198.18.%s.%s', number / 200 % 256, 1 + number % 200)
    END AS home,
    (ARRAY[
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
        'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
        'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148'
    ])[1 + pg_temp.whole(number, seed + 11, 4)] AS user_agent
FROM (
    SELECT number, seed, CASE WHEN draw < 0.55 THEN 1 WHEN draw < 0.85 THEN 2 ELSE 3 END AS zone
    FROM sample_setting
    CROSS JOIN generate_series(0, people - 1) AS number
    -- The first three make sure that no zone is empty.
    CROSS JOIN LATERAL (
        SELECT CASE WHEN number < 3 THEN (ARRAY[0.1, 0.6, 0.9])[number + 1] ELSE pg_temp.chance(number, seed + 10) END
    ) AS drawn (draw)
) AS placed;

-- How busy each kind of actor is in each five minutes. Kinds: 1 to 3 people by time zone, 4 integrations, 5 flows,
-- 6 visitors, 7 the brute-force night, 8 the mass delete.
CREATE FUNCTION pg_temp.working(local_time timestamp) RETURNS double precision
LANGUAGE sql IMMUTABLE
RETURN (ARRAY[1, 1, 0, 0, 0, 1, 3, 10, 35, 70, 90, 85, 50, 70, 90, 88, 75, 45, 20, 12, 10, 8, 5, 2])[
        1 + extract(hour FROM local_time)::int
    ] * CASE WHEN extract(isodow FROM local_time) > 5 THEN 0.1 ELSE 1.0 END;

CREATE TEMP TABLE sample_slice ON COMMIT DROP AS
WITH slice AS (
    SELECT
        row_number() OVER (ORDER BY starts) AS number,
        starts,
        extract(epoch FROM least(starts + interval '5 minutes', until) - starts)::double precision AS seconds,
        seed
    FROM sample_setting
    CROSS JOIN generate_series(
        date_bin('5 minutes', since, '2000-01-01') + interval '5 minutes', until, interval '5 minutes'
    ) AS starts
), weighed AS MATERIALIZED (
    SELECT
        slice.*,
        -- No five minutes are quite like the five before.
        seconds * (0.7 + 0.6 * pg_temp.chance(number, seed + 20)) AS liveliness,
        0.55 * pg_temp.working(starts AT TIME ZONE 'Europe/Berlin') AS zone1,
        0.30 * pg_temp.working(starts AT TIME ZONE 'America/New_York') AS zone2,
        0.15 * pg_temp.working(starts AT TIME ZONE 'Asia/Kolkata') AS zone3,
        -- Nightly imports.
        CASE WHEN extract(hour FROM starts) = 2 THEN 22.0 ELSE 5.5 END AS integrations,
        1.5 AS flows,
        0.6 + 0.02 * pg_temp.working(starts AT TIME ZONE 'Europe/Berlin') AS visitors
    FROM slice
), totalled AS (
    SELECT *, zone1 + zone2 + zone3 + integrations + flows + visitors AS total FROM weighed
), summed AS (
    SELECT *, sum(liveliness * total) OVER (ORDER BY number) AS reached FROM totalled
), allotted AS (
    SELECT
        summed.*,
        round((rows - brute_force_rows - mass_delete_rows) * reached / max(reached) OVER ())::bigint AS last_row,
        CASE
            WHEN starts >= brute_force_at AND starts < brute_force_at + interval '2 hours 30 minutes' THEN 7
            WHEN starts = mass_delete_at THEN 8
        END AS incident
    FROM summed CROSS JOIN sample_setting
)
SELECT
    number,
    starts,
    date_trunc('hour', starts) AS hour,
    seconds,
    zone1 / total AS below1,
    (zone1 + zone2) / total AS below2,
    (zone1 + zone2 + zone3) / total AS below3,
    (zone1 + zone2 + zone3 + integrations) / total AS below4,
    (zone1 + zone2 + zone3 + integrations + flows) / total AS below5,
    last_row,
    (last_row - coalesce(lag(last_row) OVER (ORDER BY number), 0))::int AS regular_rows,
    incident,
    0 AS incident_rows
FROM allotted;

-- Incidents come on top of the regular rows, spread evenly over the slices they last.
UPDATE sample_slice
SET incident_rows = ordinal * budget / slices - (ordinal - 1) * budget / slices
FROM (
    SELECT
        number,
        (row_number() OVER (PARTITION BY incident ORDER BY number))::int AS ordinal,
        (count(*) OVER (PARTITION BY incident))::int AS slices,
        CASE incident WHEN 7 THEN brute_force_rows ELSE mass_delete_rows END AS budget
    FROM sample_slice CROSS JOIN sample_setting
    WHERE incident IS NOT NULL
) AS shared
WHERE sample_slice.number = shared.number;

-- How many sessions of each kind there are in each hour; the array is indexed by kind.
CREATE TEMP TABLE sample_hour ON COMMIT DROP AS
WITH worked AS (
    SELECT
        hour,
        sum(regular_rows * below1) AS zone1_rows,
        sum(regular_rows * (below2 - below1)) AS zone2_rows,
        sum(regular_rows * (below3 - below2)) AS zone3_rows,
        sum(regular_rows * (1 - below5)) AS visitor_rows,
        max(incident) AS incident
    FROM sample_slice
    GROUP BY hour
), crew AS (
    SELECT array_agg(people ORDER BY zone) AS zones
    FROM (SELECT zone, count(*) AS people FROM sample_person GROUP BY zone) AS counted
)
SELECT
    hour,
    extract(epoch FROM hour)::bigint / 3600 AS hour_number,
    extract(epoch FROM hour)::bigint / 86400 AS day_number,
    incident,
    zones,
    ARRAY[
        least(zones[1], ceil(zone1_rows / 45)),
        least(zones[2], ceil(zone2_rows / 45)),
        least(zones[3], ceil(zone3_rows / 45)),
        integrations,
        1,
        1 + visitor_rows / 4,
        12,
        1
    ]::int[] AS session_counts
FROM worked CROSS JOIN crew CROSS JOIN sample_setting;

-- Who is at work in each hour, from which address, on what. A row then only picks its session and its action.
ANALYZE sample_setting, sample_person, sample_slice, sample_hour;

CREATE TEMP TABLE sample_session (
    hour timestamptz NOT NULL,
    kind int NOT NULL,
    pick int NOT NULL,
    "user" uuid,
    ip text,
    user_agent text,
    origin text,
    collection1 text,
    collection2 text,
    collection3 text
) ON COMMIT DROP;

INSERT INTO sample_session
SELECT
    hour,
    zone,
    pick,
    person.id,
    CASE
        WHEN place < 0.55 THEN office
        WHEN place < 0.85 THEN home
        -- On the road: one of six addresses of the mobile operator.
        ELSE '198.19.' || number % 256 || '.'
            || 1 + (number / 256 * 6 + pg_temp.whole(day_number, seed + 500 + number, 6)) % 254
    END,
    user_agent,
    'https://admin.example.com',
    names[1 + floor(32 * pg_temp.chance((number * 4096 + pick) * 1000003::bigint + hour_number, seed + 34) ^ 2.4)::int],
    names[1 + floor(32 * pg_temp.chance(number, seed + 35) ^ 2.0)::int],
    names[1 + floor(32 * pg_temp.chance((number * 4096 + pick) * 1000003::bigint + day_number, seed + 36) ^ 1.5)::int]
FROM sample_hour
CROSS JOIN sample_setting
CROSS JOIN generate_series(1, 3) AS zone
CROSS JOIN LATERAL generate_series(0, session_counts[zone] - 1) AS pick
CROSS JOIN LATERAL (
    -- The same few are at work most days, the others now and then.
    SELECT floor(zones[zone] * pg_temp.chance(day_number * 4096 + pick, seed + 600 + zone) ^ 1.15)::int AS rank
) AS chosen
JOIN sample_person AS person USING (zone, rank)
CROSS JOIN LATERAL (SELECT pg_temp.chance(day_number, seed + 900 + number) AS place) AS whereabouts;

INSERT INTO sample_session
SELECT
    hour,
    4,
    pick,
    pg_temp.stable_uuid('integration ' || seed || ' ' || pick),
    '192.0.2.' || 10 + pick,
    (ARRAY['axios/1.7.2', 'python-requests/2.32.3', 'n8n', 'GuzzleHttp/7', 'node-fetch'])[1 + pick % 5],
    NULL,
    names[33 + pick % 8],
    names[33 + (pick * 3 + 1) % 8],
    names[1 + pick % 32]
FROM sample_hour
CROSS JOIN sample_setting
CROSS JOIN LATERAL generate_series(0, session_counts[4] - 1) AS pick;

INSERT INTO sample_session (hour, kind, pick)
SELECT hour, 5, 0
FROM sample_hour;

INSERT INTO sample_session
SELECT
    hour,
    6,
    pick,
    NULL,
    CASE
        WHEN visitor % 5 = 0 THEN '2001:db8:f:' || to_hex(visitor / 5) || '::1'
        ELSE '198.18.' || 128 + visitor / 200 % 128 || '.' || 1 + visitor % 200
    END,
    'Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36',
    'https://www.example.com',
    'contact_requests',
    'contact_requests',
    'product_reviews'
FROM sample_hour
CROSS JOIN sample_setting
CROSS JOIN LATERAL generate_series(0, session_counts[6] - 1) AS pick
CROSS JOIN LATERAL (
    SELECT floor(visitors * pg_temp.chance(hour_number * 4096 + pick, seed + 40) ^ 1.5)::int AS visitor
) AS drawn;

-- The victims of the brute-force night, and the one who deletes.
INSERT INTO sample_session
SELECT hour, 7, number, id, '198.51.100.23', 'python-requests/2.28.1', NULL, NULL, NULL, NULL
FROM sample_hour JOIN sample_person ON number < session_counts[7]
WHERE incident = 7
UNION ALL
SELECT hour, 8, 0, id, home, user_agent, 'https://admin.example.com', 'products', 'products', 'products'
FROM sample_hour JOIN sample_person ON number = 4
WHERE incident = 8;

CREATE INDEX ON sample_slice (starts);
CREATE INDEX ON sample_session (hour);
ANALYZE sample_session;

-- One day at a time, so that each sort stays in memory. Rows are inserted in the order in which they commit, which is
-- only roughly the order of their timestamps: requests overlap, and the clocks of two nodes differ by 40 ms.
-- The steps are materialized because, flattened, each draw would be computed again wherever it is named.
CREATE FUNCTION pg_temp.fill_day(day timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    inserted bigint;
BEGIN
    INSERT INTO directus_activity (action, "user", "timestamp", ip, user_agent, collection, item, origin)
    WITH numbered AS (
        SELECT
            slice.*,
            number * 4194304 + position AS ordinal,
            position > regular_rows AS is_incident,
            (position - CASE WHEN position > regular_rows THEN regular_rows ELSE 0 END - 0.5::double precision)
                / (CASE WHEN position > regular_rows THEN incident_rows ELSE regular_rows END) * seconds AS second
        FROM sample_slice AS slice
        CROSS JOIN LATERAL generate_series(1, regular_rows + incident_rows) AS position
        WHERE starts >= day AND starts < day + interval '1 day'
    ), drawn AS MATERIALIZED (
        SELECT
            hour,
            starts + second * interval '1 second' AS moment,
            hashint8extended(ordinal, seed) AS draw,
            pg_temp.chance(ordinal, seed + 1) AS mood,
            pg_temp.chance(ordinal, seed + 2) AS focus,
            pg_temp.chance(ordinal, seed + 3) AS chooser,
            CASE
                WHEN is_incident THEN incident
                WHEN pg_temp.chance(ordinal, seed + 4) < below1 THEN 1
                WHEN pg_temp.chance(ordinal, seed + 4) < below2 THEN 2
                WHEN pg_temp.chance(ordinal, seed + 4) < below3 THEN 3
                WHEN pg_temp.chance(ordinal, seed + 4) < below4 THEN 4
                WHEN pg_temp.chance(ordinal, seed + 4) < below5 THEN 5
                ELSE 6
            END AS kind
        FROM numbered
        CROSS JOIN sample_setting
    ), picked AS MATERIALIZED (
        SELECT
            drawn.*,
            -- The first sessions of an hour are the busiest.
            floor(session_counts[kind] * chooser ^ (CASE kind WHEN 4 THEN 1.8 ELSE 1.2 END)::double precision)::int
                AS pick
        FROM drawn JOIN sample_hour USING (hour)
    ), assigned AS MATERIALIZED (
        SELECT
            picked.*,
            "user",
            ip,
            user_agent,
            origin,
            CASE WHEN focus < 0.80 THEN collection1 WHEN focus < 0.95 THEN collection2 ELSE collection3 END
                AS usual_collection
        FROM picked
        JOIN (
            SELECT * FROM sample_session
            WHERE hour >= date_trunc('hour', day) AND hour < day + interval '1 day'
        ) AS session USING (hour, kind, pick)
    ), acted AS MATERIALIZED (
        SELECT
            assigned.*,
            CASE kind
                WHEN 4 THEN CASE WHEN mood < 0.62 THEN 'update' WHEN mood < 0.97 THEN 'create' ELSE 'delete' END
                WHEN 5 THEN 'run'
                WHEN 6 THEN 'create'
                WHEN 7 THEN CASE WHEN mood < 0.9 THEN 'update' ELSE 'login' END
                WHEN 8 THEN 'delete'
                ELSE CASE
                    WHEN mood < 0.70 THEN 'update'
                    WHEN mood < 0.90 THEN CASE usual_collection WHEN 'directus_files' THEN 'upload' ELSE 'create' END
                    WHEN mood < 0.925 THEN 'login'
                    WHEN mood < 0.955 THEN 'delete'
                    WHEN mood < 0.975 THEN 'version_save'
                    WHEN mood < 0.990 THEN 'comment'
                    WHEN mood < 0.996 THEN 'revert'
                    WHEN mood < 0.998 THEN 'run'
                    ELSE 'install'
                END
            END AS action
        FROM assigned
    )
    SELECT
        action,
        "user",
        date_trunc('milliseconds', least(moment + (draw & 1) * interval '40 milliseconds', until)),
        ip,
        user_agent,
        CASE
            WHEN action = 'login' OR kind = 7 THEN 'directus_users'
            WHEN action = 'run' THEN 'directus_flows'
            WHEN action = 'install' THEN 'directus_extensions'
            WHEN action = 'comment' THEN 'directus_comments'
            ELSE usual_collection
        END,
        CASE
            WHEN action = 'login' OR kind = 7 THEN "user"::text
            WHEN action = 'run' THEN flows[1 + (draw & 7)]
            ELSE (1 + (draw & 1048575))::text
        END,
        origin
    FROM acted
    CROSS JOIN sample_setting
    -- A transaction commits up to 0.8 s after its row was stamped.
    ORDER BY moment + mood * interval '0.8 seconds';

    GET DIAGNOSTICS inserted = ROW_COUNT;
    RETURN inserted;
END
$$;

SELECT sum(pg_temp.fill_day(day)) AS rows_inserted
FROM (
    SELECT day
    FROM sample_setting CROSS JOIN generate_series(since, until, interval '1 day') AS day
    ORDER BY day
) AS days;

COMMIT;
