-- How many events of each action fell into each bucket of the four weeks before a moment.
--
-- $1 the moment   $2 the length of a bucket in seconds
SELECT date_bin($2::double precision * interval '1 second', source."timestamp", 'epoch') AS bucket,
       source.action::text, count(*)
FROM :"source".directus_activity AS source
WHERE source."timestamp" >= $1 - interval '28 days' AND source."timestamp" < $1
GROUP BY 1, 2
ORDER BY 1
