-- Numbers the members of dimensions that a recount has met for the first time.
WITH
new_collection AS (
    INSERT INTO :"schema".dim_collection (id, name)
    SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_collection) + row_number() OVER (ORDER BY name), name
    FROM (SELECT collection AS name FROM pg_temp.recount EXCEPT SELECT name FROM :"schema".dim_collection) AS members
),
new_action AS (
    INSERT INTO :"schema".dim_action (id, name)
    SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_action) + row_number() OVER (ORDER BY name), name
    FROM (SELECT action AS name FROM pg_temp.recount EXCEPT SELECT name FROM :"schema".dim_action) AS members
),
new_user AS (
    INSERT INTO :"schema".dim_user (id, name)
    SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_user) + row_number() OVER (ORDER BY name), name
    FROM (
        SELECT "user" AS name FROM pg_temp.recount WHERE "user" IS NOT NULL EXCEPT SELECT name FROM :"schema".dim_user
    ) AS members
)
INSERT INTO :"schema".dim_ip (id, name)
SELECT (SELECT coalesce(max(id), 0) FROM :"schema".dim_ip) + row_number() OVER (ORDER BY name), name
FROM (
    SELECT ip AS name FROM pg_temp.recount WHERE ip IS NOT NULL EXCEPT SELECT name FROM :"schema".dim_ip
) AS members
