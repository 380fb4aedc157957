-- Copies the rows with ids from $1, exclusive, to $2 and moves the archive's position there.
WITH copied AS (
    INSERT INTO :"schema".archive SELECT * FROM :"schema".raw_activity() WHERE id > $1 AND id <= $2 RETURNING id
),
advanced AS (
    UPDATE :"schema".archive_position SET last_id = $2
)
SELECT count(*) FROM copied
