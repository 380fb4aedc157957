-- Seconds since the feed last succeeded, or since the schema was made; no row when somebody has paused it, or it has
-- never had a slot.
SELECT extract(epoch FROM now() - coalesce(newest.finished_at, detection.begins_at + interval '1 day'))::double precision
FROM :"schema".detection AS detection
LEFT JOIN LATERAL (
    SELECT finished_at FROM :"schema".job_run WHERE job = 'ingest' AND status = 'succeeded'
    ORDER BY era DESC, nominal_at DESC LIMIT 1 -- along the primary key
) AS newest ON true
WHERE EXISTS (SELECT FROM :"schema".job_state WHERE job = 'ingest' AND NOT is_held)
