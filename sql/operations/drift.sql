-- Takes note of hours that drifted, each once.
WITH noticed AS (
    UPDATE :"schema".drift SET is_noticed = true WHERE NOT is_noticed RETURNING hour, cause
)
SELECT count(*), coalesce(string_agg(DISTINCT cause, ', '), '') FROM noticed
