-- Takes note of runs that failed or were missed, each once. Slots that were missed are no trouble when a later one ran or
-- will run: that is what catching up is for.
--
-- $1 the most to take
WITH noticed AS (
    UPDATE :"schema".job_run AS run SET is_noticed = true
    FROM (
        SELECT id FROM :"schema".job_run
        WHERE status IN ('failed', 'missed') AND NOT is_noticed
        ORDER BY id LIMIT $1
    ) AS new
    WHERE run.id = new.id
    RETURNING run.*
)
SELECT job, status = 'missed', nominal_at, coalesce(finished_at, last_nominal_at), coalesce(slots, 1),
       coalesce(nullif(reason, ''), nullif(result, ''), 'no reason was given')
FROM noticed
WHERE status = 'failed' OR NOT EXISTS (
    SELECT FROM :"schema".job_run AS later
    WHERE later.job = noticed.job AND later.era = noticed.era AND later.nominal_at > noticed.nominal_at
        AND later.status IN ('queued', 'claimed', 'running', 'succeeded')
)
ORDER BY id
