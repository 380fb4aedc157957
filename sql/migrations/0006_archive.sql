-- Rows of directus_activity beyond Directus's own retention: the job "archive" copies each of them once.
-- See Pipeline.md for the proof.

-- Makes the partition of a month. A table is made beside and attached, since attaching does not stop readers.
CREATE FUNCTION :"schema".ensure_month_partition(p_table text, p_key text, p_month timestamptz, p_fillfactor integer)
RETURNS void LANGUAGE plpgsql SET search_path = :"schema", pg_temp SET timezone = 'UTC' AS $$
DECLARE
    v_lower constant timestamptz := date_trunc('month', p_month);
    v_upper constant timestamptz := v_lower + interval '1 month';
    v_name constant text := p_table || to_char(v_lower, '_YYYY_MM');
BEGIN
    IF to_regclass(v_name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL) WITH (fillfactor = %s)', v_name, p_table, p_fillfactor);
    -- Rows of this month that came before its partition.
    EXECUTE format(
        'WITH moved AS (DELETE FROM %1$I WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *)
         INSERT INTO %5$I SELECT * FROM moved',
        p_table || '_default', p_key, v_lower, v_upper, v_name);
    EXECUTE format(
        'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', p_table, v_name, v_lower, v_upper);
END
$$;
-- Facts are updated by every batch of their hour.
CREATE OR REPLACE FUNCTION :"schema".ensure_fact_partition(p_month timestamptz) RETURNS void
LANGUAGE sql SET search_path = :"schema", pg_temp AS $$ SELECT ensure_month_partition('fact', 'hour', p_month, 90) $$;
CREATE FUNCTION :"schema".ensure_archive_partition(p_month timestamptz) RETURNS void
LANGUAGE sql SET search_path = :"schema", pg_temp AS $$
    SELECT ensure_month_partition('archive', 'timestamp', p_month, 100)
$$;

-- Rows as Directus had them when they were copied; columns that it does not have are NULL.
CREATE TABLE :"schema".archive (
    id integer NOT NULL,
    action text,
    "user" uuid,
    "timestamp" timestamptz NOT NULL,
    ip text,
    user_agent text,
    collection text,
    item text,
    comment text,
    origin text,
    -- columns that Directus does not know: those of forks
    extra jsonb,
    CONSTRAINT archive_pkey PRIMARY KEY (id, "timestamp")
) PARTITION BY RANGE ("timestamp");
-- Ids are of Directus's type, so that a condition on activity_log.id reaches the indexes of both tables.
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = to_regclass($name$:"source".directus_activity$name$) AND attname = 'id'
            AND atttypid = 'bigint'::regtype
    ) THEN
        ALTER TABLE :"schema".archive ALTER COLUMN id TYPE bigint;
    END IF;
END
$$;
-- Rows are copied in the order of their ids, which is nearly that of their times: a small index finds a range of them.
CREATE INDEX archive_timestamp_brin ON :"schema".archive USING brin ("timestamp") WITH (autosummarize = on);
-- Rows that no month was made for: clocks that were wrong by decades.
CREATE TABLE :"schema".archive_default PARTITION OF :"schema".archive DEFAULT;

-- How far the archive has come: ids up to last_id have been copied or will never be there.
CREATE TABLE :"schema".archive_position (
    singleton boolean NOT NULL DEFAULT true
        CONSTRAINT archive_position_pkey PRIMARY KEY
        CONSTRAINT archive_position_singleton_check CHECK (singleton),
    last_id bigint NOT NULL DEFAULT -2147483649 -- below the smallest integer
);
INSERT INTO :"schema".archive_position DEFAULT VALUES;

-- The rows that Directus has, in the columns of the archive. PostgreSQL records no dependency of a function's text on
-- Directus's columns, which would keep Directus from changing them, and plans the text in place of the call, so that
-- conditions reach the indexes of directus_activity. That takes a function without SECURITY DEFINER and without SET:
-- its readers need SELECT on directus_activity. The table need not be there yet.
SET LOCAL check_function_bodies = off;
CREATE FUNCTION :"schema".raw_activity() RETURNS SETOF :"schema".archive LANGUAGE sql STABLE AS $$
    SELECT source.id, source.action::text, source."user", source."timestamp", source.ip::text,
        pg_catalog.to_jsonb(source.*) ->> 'user_agent', source.collection::text, source.item::text,
        pg_catalog.to_jsonb(source.*) ->> 'comment', pg_catalog.to_jsonb(source.*) ->> 'origin',
        nullif(
            pg_catalog.to_jsonb(source.*)
                - '{id,action,user,timestamp,ip,user_agent,collection,item,comment,origin}'::text[],
            '{}')
    FROM :"source".directus_activity AS source
$$;
SET LOCAL check_function_bodies TO DEFAULT;

-- Every row that Directus has, and every row that it had and the archive kept.
CREATE VIEW :"schema".activity_log AS
SELECT raw.* FROM :"schema".raw_activity() AS raw
UNION ALL
SELECT archive.* FROM :"schema".archive
WHERE NOT EXISTS (SELECT FROM :"schema".raw_activity() AS raw WHERE raw.id = archive.id);

REVOKE EXECUTE ON FUNCTION
    :"schema".ensure_month_partition(text, text, timestamptz, integer),
    :"schema".ensure_archive_partition(timestamptz),
    :"schema".raw_activity()
FROM PUBLIC;
