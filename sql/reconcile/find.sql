-- Goes on from compare.sql. The hours that drifted.
SELECT hour, events_before, events_after, cause FROM drifted ORDER BY hour
