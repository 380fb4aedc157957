-- Takes the feed's lock and tells where it stands and how far it may go. No row: another daemon is feeding.
--
-- newest_id is read before anybody asks who writes (holders.sql). An id up to newest_id that is missing later was
-- therefore drawn by a transaction that is among those holders or has ended.
SELECT feed.last_id, feed.batch, (SELECT max(id) FROM :"source".directus_activity) AS newest_id
FROM :"schema".feed
FOR UPDATE OF feed SKIP LOCKED
