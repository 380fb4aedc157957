-- Writes the facts of hours that drifted as the raw rows have them, and tells readers.
--
-- $1 hours   $2 number of the batch   $3 feed.last_id
WITH facts AS (
    INSERT INTO :"schema".fact (hour, collection_id, action_id, user_id, ip_id, events, first_at, last_at)
    SELECT recount.hour, collection.id, action.id, coalesce(account.id, 0), coalesce(address.id, 0), recount.events,
           recount.first_at, recount.last_at
    FROM pg_temp.recount
    JOIN :"schema".dim_collection AS collection ON collection.name = recount.collection
    JOIN :"schema".dim_action AS action ON action.name = recount.action
    LEFT JOIN :"schema".dim_user AS account ON account.name = recount."user"
    LEFT JOIN :"schema".dim_ip AS address ON address.name = recount.ip
    WHERE recount.hour = ANY ($1::timestamptz[])
),
recent AS (
    INSERT INTO :"schema".recent_fact (last_at, ip_id, collection_id, action_id, events, batch)
    SELECT max(source."timestamp"), address.id, collection.id, action.id, count(*), $2
    FROM unnest($1::timestamptz[]) AS wanted (hour)
    JOIN :"source".directus_activity AS source
        ON source."timestamp" >= wanted.hour AND source."timestamp" < wanted.hour + interval '1 hour'
    JOIN :"schema".dim_ip AS address ON address.name = source.ip
    JOIN :"schema".dim_collection AS collection ON collection.name = source.collection
    JOIN :"schema".dim_action AS action ON action.name = source.action
    WHERE source."timestamp" > now() - interval '25 hours' AND source.id <= $3
      AND NOT EXISTS (SELECT FROM :"schema".feed_gap AS gap WHERE source.id BETWEEN gap.first_id AND gap.last_id)
    GROUP BY date_trunc('second', source."timestamp"), address.id, collection.id, action.id
),
changed AS (
    INSERT INTO :"schema".changed_hour (hour, batch)
    SELECT hour, $2 FROM unnest($1::timestamptz[]) AS wanted (hour)
    ON CONFLICT (hour) DO UPDATE SET batch = excluded.batch
),
-- What readers hold of the last day only ever grows by batches, so they have to read it anew.
rewritten AS (
    UPDATE :"schema".reconcile SET rewritten_batch = $2
)
UPDATE :"schema".feed SET batch = $2
