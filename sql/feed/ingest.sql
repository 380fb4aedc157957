-- Moves one batch of rows into the facts, each row exactly once.
--
-- $1 feed.last_id   $2 newest_id   $3 most rows to take   $4 holders, asked for after newest_id   $5 number of the batch
-- $6 from when on rows are returned for detection
--
-- One row comes back at least. Where there are more, each has another event, in order of time.
--
-- One statement, so one snapshot, taken after the holders were asked for: a row of a holder that has ended since is
-- visible here, and a gap whose holders have all ended and whose rows are not visible will never be filled.
WITH
-- Gaps of which some holder has ended. A transaction that vanished may have been prepared under a name that cannot be
-- matched, so then every prepared transaction counts as a holder.
gap AS MATERIALIZED (
    SELECT first_id, last_id,
           ARRAY(
               SELECT holder FROM unnest($4::text[]) AS holder
               WHERE holder = ANY (holders)
                  OR holder LIKE '-1/%' AND EXISTS (
                         SELECT FROM unnest(holders) AS gone WHERE gone NOT LIKE '-1/%' AND gone <> ALL ($4::text[])
                     )
           ) AS holders
    FROM :"schema".feed_gap
    WHERE NOT holders <@ $4::text[]
),
late AS MATERIALIZED (
    SELECT gap.first_id AS gap, source.id, source."timestamp", source."user", source.ip, source.collection,
           source.action, source.item
    FROM gap
    JOIN :"source".directus_activity AS source ON source.id BETWEEN gap.first_id AND gap.last_id
),
fresh AS MATERIALIZED (
    SELECT id, "timestamp", "user", ip, collection, action, item
    FROM :"source".directus_activity
    WHERE id > $1 AND id <= $2
    ORDER BY id
    LIMIT $3
),
-- The feed passes over every id up to here: all of them when the batch was not cut.
reached AS MATERIALIZED (
    SELECT CASE WHEN count(*) < $3 THEN greatest($1, $2) ELSE max(id) END AS last_id, count(*) AS row_count FROM fresh
),

-- Missing ids, as ranges between the ones that are there.
open_gap AS MATERIALIZED (
    SELECT previous + 1 AS first_id, id - 1 AS last_id, $4::text[] AS holders
    FROM (
        SELECT id, lag(id, 1, $1) OVER (ORDER BY id) AS previous
        FROM (SELECT id FROM fresh UNION ALL SELECT last_id + 1 FROM reached) AS ids
    ) AS pairs
    WHERE previous + 1 < id AND cardinality($4::text[]) > 0
    UNION ALL
    SELECT previous + 1, id - 1, holders
    FROM (
        SELECT id, holders, lag(id, 1, first_id - 1) OVER (PARTITION BY first_id ORDER BY id) AS previous
        FROM (
            SELECT gap.first_id, gap.holders, late.id FROM gap JOIN late ON late.gap = gap.first_id
            UNION ALL
            SELECT first_id, holders, last_id + 1 FROM gap
        ) AS ids
    ) AS pairs
    WHERE previous + 1 < id AND cardinality(holders) > 0
),
closed AS (
    DELETE FROM :"schema".feed_gap
    WHERE first_id IN (SELECT first_id FROM gap) AND first_id NOT IN (SELECT first_id FROM open_gap)
),
opened AS (
    INSERT INTO :"schema".feed_gap AS feed_gap (first_id, last_id, holders)
    SELECT first_id, last_id, holders FROM open_gap
    ON CONFLICT (first_id) DO UPDATE SET last_id = excluded.last_id, holders = excluded.holders
),

batch AS MATERIALIZED (
    SELECT id::bigint AS id, "timestamp" AS at, "user", ip::text COLLATE "C" AS ip,
           collection::text COLLATE "C" AS collection, action::text COLLATE "C" AS action, item
    FROM (
        SELECT id, "timestamp", "user", ip, collection, action, item FROM late
        UNION ALL
        SELECT id, "timestamp", "user", ip, collection, action, item FROM fresh
    ) AS rows
),
roll_up AS MATERIALIZED (
    SELECT date_trunc('hour', at, 'UTC') AS hour, collection, action, "user", ip,
           count(*) AS events, min(at) AS first_at, max(at) AS last_at
    FROM batch
    GROUP BY 1, 2, 3, 4, 5
),

-- Dimensions: the members of this batch with their codes, new ones numbered on from the largest.
known_collection AS MATERIALIZED (
    SELECT member.name, dim.id
    FROM (SELECT DISTINCT collection AS name FROM roll_up) AS member
    LEFT JOIN :"schema".dim_collection AS dim ON dim.name = member.name
),
new_collection AS (
    INSERT INTO :"schema".dim_collection (id, name)
    SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_collection) + row_number() OVER (ORDER BY name), name
    FROM known_collection WHERE id IS NULL
    RETURNING name, id
),
collection AS MATERIALIZED (
    SELECT name, id FROM known_collection WHERE id IS NOT NULL UNION ALL SELECT name, id FROM new_collection
),
known_action AS MATERIALIZED (
    SELECT member.name, dim.id
    FROM (SELECT DISTINCT action AS name FROM roll_up) AS member
    LEFT JOIN :"schema".dim_action AS dim ON dim.name = member.name
),
new_action AS (
    INSERT INTO :"schema".dim_action (id, name)
    SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_action) + row_number() OVER (ORDER BY name), name
    FROM known_action WHERE id IS NULL
    RETURNING name, id
),
action AS MATERIALIZED (
    SELECT name, id FROM known_action WHERE id IS NOT NULL UNION ALL SELECT name, id FROM new_action
),
known_user AS MATERIALIZED (
    SELECT member.name, dim.id
    FROM (SELECT DISTINCT "user" AS name FROM roll_up WHERE "user" IS NOT NULL) AS member
    LEFT JOIN :"schema".dim_user AS dim ON dim.name = member.name
),
new_user AS (
    INSERT INTO :"schema".dim_user (id, name)
    SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_user) + row_number() OVER (ORDER BY name), name
    FROM known_user WHERE id IS NULL
    RETURNING name, id
),
account AS MATERIALIZED (
    SELECT name, id FROM known_user WHERE id IS NOT NULL UNION ALL SELECT name, id FROM new_user
),
known_ip AS MATERIALIZED (
    SELECT member.name, dim.id
    FROM (SELECT DISTINCT ip AS name FROM roll_up WHERE ip IS NOT NULL) AS member
    LEFT JOIN :"schema".dim_ip AS dim ON dim.name = member.name
),
new_ip AS (
    INSERT INTO :"schema".dim_ip (id, name)
    SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_ip) + row_number() OVER (ORDER BY name), name
    FROM known_ip WHERE id IS NULL
    RETURNING name, id
),
address AS MATERIALIZED (
    SELECT name, id FROM known_ip WHERE id IS NOT NULL UNION ALL SELECT name, id FROM new_ip
),

facts AS (
    INSERT INTO :"schema".fact AS fact
        (hour, collection_id, action_id, user_id, ip_id, events, first_at, last_at)
    SELECT hour, collection.id, action.id, coalesce(account.id, 0), coalesce(address.id, 0), events, first_at, last_at
    FROM roll_up
    JOIN collection ON collection.name = roll_up.collection
    JOIN action ON action.name = roll_up.action
    LEFT JOIN account ON account.name = roll_up."user"
    LEFT JOIN address ON address.name = roll_up.ip
    ORDER BY 1, 2, 3, 4, 5 -- along the primary key
    ON CONFLICT (hour, collection_id, action_id, user_id, ip_id) DO UPDATE SET
        events = fact.events + excluded.events,
        first_at = least(fact.first_at, excluded.first_at),
        last_at = greatest(fact.last_at, excluded.last_at)
),
changed AS (
    INSERT INTO :"schema".changed_hour (hour, batch)
    SELECT DISTINCT hour, $5 FROM roll_up
    ON CONFLICT (hour) DO UPDATE SET batch = excluded.batch
),
recent AS (
    INSERT INTO :"schema".recent_fact (last_at, ip_id, collection_id, action_id, events, batch)
    SELECT max(at), address.id, collection.id, action.id, count(*), $5
    FROM batch
    JOIN address ON address.name = batch.ip
    JOIN collection ON collection.name = batch.collection
    JOIN action ON action.name = batch.action
    WHERE at > now() - interval '25 hours' -- an hour more than is shown, since clocks differ
    GROUP BY date_trunc('second', at), address.id, collection.id, action.id
),
forgotten AS (
    DELETE FROM :"schema".recent_fact
    WHERE last_at < now() - interval '25 hours' AND EXISTS (SELECT FROM batch)
),
advanced AS (
    UPDATE :"schema".feed SET
        last_id = reached.last_id,
        batch = CASE WHEN EXISTS (SELECT FROM batch) THEN $5 ELSE feed.batch END,
        row_count = feed.row_count + (SELECT count(*) FROM batch)
    FROM reached
    RETURNING feed.last_id, feed.row_count
)
SELECT advanced.last_id, advanced.row_count, (SELECT count(*) FROM batch) AS batch_rows,
       reached.row_count = $3 AS has_more,
       (SELECT count(*) FROM :"schema".feed_gap) - (SELECT count(*) FROM gap) + (SELECT count(*) FROM open_gap) AS gaps,
       event.id, event.at, event."user"::text, event.ip, event.collection, event.action,
       -- what detection asks of items is whether users change themselves
       CASE WHEN event.collection = 'directus_users' THEN event.item::text END AS item
FROM advanced
CROSS JOIN reached
LEFT JOIN batch AS event ON event.at >= $6 AND isfinite(event.at)
ORDER BY event.at, event.id
