-- Of the jobs with an open alert, those whose newest ended run failed, and why.
SELECT job.name, coalesce(nullif(newest.reason, ''), nullif(newest.result, ''), 'no reason was given')
FROM (
    SELECT DISTINCT data -> 'labels' ->> 'job' AS name FROM :"schema".alert
    WHERE status <> 'resolved' AND rule = 'job-failed'
) AS job
CROSS JOIN LATERAL (
    SELECT status, reason, result FROM :"schema".job_run AS run
    WHERE run.job = job.name AND status IN ('succeeded', 'failed', 'canceled')
    ORDER BY era DESC, nominal_at DESC LIMIT 1 -- along the primary key
) AS newest
WHERE newest.status = 'failed'
