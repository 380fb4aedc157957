-- How many events of each action fell into each bucket of four weeks before detection began.
--
-- $1 the length of a bucket in seconds
SELECT date_bin($1::double precision * interval '1 second', source."timestamp", 'epoch') AS bucket,
       source.action::text, count(*)
FROM :"source".directus_activity AS source, :"schema".detection AS detection
WHERE source."timestamp" >= detection.begins_at - interval '28 days' AND source."timestamp" < detection.begins_at
GROUP BY 1, 2
ORDER BY 1
