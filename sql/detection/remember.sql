-- Stores what detectors know of the keys that changed, and counts the write.
--
-- $1 detectors   $2 keys   $3 their state, NULL to forget   $4 whether the history has been learnt
WITH change AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[]) AS change (detector, key, state)
),
forgotten AS (
    DELETE FROM :"schema".detector_state AS known USING change
    WHERE known.detector = change.detector AND known.key = change.key AND change.state IS NULL
),
remembered AS (
    INSERT INTO :"schema".detector_state (detector, key, state)
    SELECT detector, key, state FROM change WHERE state IS NOT NULL
    ON CONFLICT (detector, key) DO UPDATE SET state = excluded.state
)
UPDATE :"schema".detection
SET revision = revision + 1, learnt_at = coalesce(learnt_at, CASE WHEN $4 THEN now() END)
RETURNING revision
