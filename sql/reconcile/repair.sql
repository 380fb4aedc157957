-- Goes on from compare.sql, under the feed's lock. Writes the facts of the hours that drifted as the raw rows have them,
-- notes what was found, and tells readers.
, recount AS MATERIALIZED (
    SELECT raw.* FROM raw JOIN drifted ON drifted.hour = raw.hour
),

-- Dimensions: new members are numbered on from the largest.
new_collection AS (
    INSERT INTO :"schema".dim_collection (id, name)
    SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_collection) + row_number() OVER (ORDER BY name), name
    FROM (SELECT collection AS name FROM recount EXCEPT SELECT name FROM :"schema".dim_collection) AS members
    RETURNING id, name
),
collection AS (
    SELECT id, name FROM :"schema".dim_collection UNION ALL SELECT id, name FROM new_collection
),
new_action AS (
    INSERT INTO :"schema".dim_action (id, name)
    SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_action) + row_number() OVER (ORDER BY name), name
    FROM (SELECT action AS name FROM recount EXCEPT SELECT name FROM :"schema".dim_action) AS members
    RETURNING id, name
),
action AS (
    SELECT id, name FROM :"schema".dim_action UNION ALL SELECT id, name FROM new_action
),
new_user AS (
    INSERT INTO :"schema".dim_user (id, name)
    SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_user) + row_number() OVER (ORDER BY name), name
    FROM (
        SELECT "user" AS name FROM recount WHERE "user" IS NOT NULL EXCEPT SELECT name FROM :"schema".dim_user
    ) AS members
    RETURNING id, name
),
account AS (
    SELECT id, name FROM :"schema".dim_user UNION ALL SELECT id, name FROM new_user
),
new_ip AS (
    INSERT INTO :"schema".dim_ip (id, name)
    SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_ip) + row_number() OVER (ORDER BY name), name
    FROM (SELECT ip AS name FROM recount WHERE ip IS NOT NULL EXCEPT SELECT name FROM :"schema".dim_ip) AS members
    RETURNING id, name
),
address AS (
    SELECT id, name FROM :"schema".dim_ip UNION ALL SELECT id, name FROM new_ip
),

counted AS MATERIALIZED (
    SELECT recount.hour, collection.id AS collection_id, action.id AS action_id, coalesce(account.id, 0) AS user_id,
           coalesce(address.id, 0) AS ip_id, recount.events, recount.first_at, recount.last_at
    FROM recount
    JOIN collection ON collection.name = recount.collection
    JOIN action ON action.name = recount.action
    LEFT JOIN account ON account.name = recount."user"
    LEFT JOIN address ON address.name = recount.ip
),
written AS (
    INSERT INTO :"schema".fact AS fact
        (hour, collection_id, action_id, user_id, ip_id, events, first_at, last_at)
    SELECT hour, collection_id, action_id, user_id, ip_id, events, first_at, last_at FROM counted
    ON CONFLICT (hour, collection_id, action_id, user_id, ip_id) DO UPDATE SET
        events = excluded.events, first_at = excluded.first_at, last_at = excluded.last_at
    WHERE (fact.events, fact.first_at, fact.last_at) <> (excluded.events, excluded.first_at, excluded.last_at)
),
-- Other rows than those above, so that the order of the two does not matter.
vanished AS (
    DELETE FROM :"schema".fact AS fact USING drifted
    WHERE fact.hour = drifted.hour AND NOT EXISTS (
        SELECT FROM counted
        WHERE counted.hour = fact.hour AND counted.collection_id = fact.collection_id
          AND counted.action_id = fact.action_id AND counted.user_id = fact.user_id AND counted.ip_id = fact.ip_id
    )
),
vanished_recent AS (
    DELETE FROM :"schema".recent_fact AS recent USING drifted
    WHERE recent.last_at >= drifted.hour AND recent.last_at < drifted.hour + interval '1 hour'
),
next AS MATERIALIZED (
    SELECT batch + 1 AS batch FROM :"schema".feed WHERE EXISTS (SELECT FROM drifted)
),
recent AS (
    INSERT INTO :"schema".recent_fact (last_at, ip_id, collection_id, action_id, events, batch)
    SELECT max(source."timestamp"), address.id, collection.id, action.id, count(*), next.batch
    FROM next
    CROSS JOIN drifted
    JOIN :"source".directus_activity AS source
        ON source."timestamp" >= drifted.hour AND source."timestamp" < drifted.hour + interval '1 hour'
    JOIN address ON address.name = source.ip
    JOIN collection ON collection.name = source.collection
    JOIN action ON action.name = source.action
    WHERE source."timestamp" > now() - interval '25 hours' AND source.id <= (SELECT last_id FROM :"schema".feed)
      AND NOT EXISTS (SELECT FROM :"schema".feed_gap AS gap WHERE source.id BETWEEN gap.first_id AND gap.last_id)
    GROUP BY date_trunc('second', source."timestamp"), address.id, collection.id, action.id, next.batch
),
changed AS (
    INSERT INTO :"schema".changed_hour (hour, batch)
    SELECT drifted.hour, next.batch FROM drifted CROSS JOIN next
    ON CONFLICT (hour) DO UPDATE SET batch = excluded.batch
),
-- What readers hold of the last day only ever grows by batches, so they have to read it anew.
rewritten AS (
    UPDATE :"schema".reconcile
    SET rewritten_batch = next.batch, drifted_hours = drifted_hours + (SELECT count(*) FROM drifted)
    FROM next
),
advanced AS (
    UPDATE :"schema".feed AS feed SET batch = next.batch FROM next
),
noted AS (
    INSERT INTO :"schema".drift (hour, events_before, events_after, cause)
    SELECT hour, events_before, events_after, cause FROM drifted
),
forgotten AS (
    DELETE FROM :"schema".drift WHERE found_at < now() - interval '90 days'
)
SELECT hour, events_before, events_after, cause FROM drifted ORDER BY hour
