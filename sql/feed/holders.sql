-- Every transaction that may have rows of directus_activity which nobody sees yet. An INSERT takes RowExclusiveLock
-- before it draws an id and keeps it to its end. pg_locks also shows prepared transactions, as '-1/…'.
SELECT coalesce(array_agg(DISTINCT virtualtransaction), '{}')
FROM pg_catalog.pg_locks
WHERE locktype = 'relation'
  AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND relation = $1::regclass
  AND mode = 'RowExclusiveLock'
  AND granted
