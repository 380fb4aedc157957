-- Seconds since the newest batch of the feed that succeeded, of those that are on record; NULL when the job has been
-- paused or has no schedule.
SELECT extract(epoch FROM now() - coalesce(
           (SELECT max(finished_at) FROM :"schema".job_run
            WHERE job = state.job AND status = 'succeeded' AND nominal_at > now() - interval '1 hour'),
           now() - interval '1 hour'))::double precision
FROM (SELECT 1) AS one
LEFT JOIN :"schema".job_state AS state ON state.job = 'ingest' AND NOT state.is_held
WHERE state.job IS NOT NULL
UNION ALL
SELECT NULL
LIMIT 1
