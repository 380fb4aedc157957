-- The roll-up of directus_activity: dimensions, hourly facts, the last day to the second, and the feed's own state.
-- All of it is written by the feed, in one transaction for each batch, under the lock of the row in "feed".

-- Dimensions. Codes are dense and start at 1, so that readers index arrays by them; facts use 0 for NULL.
CREATE TABLE :"schema".dim_collection (
    id integer CONSTRAINT dim_collection_pkey PRIMARY KEY,
    name text COLLATE "C" NOT NULL CONSTRAINT dim_collection_name_key UNIQUE
);
CREATE TABLE :"schema".dim_action (
    id integer CONSTRAINT dim_action_pkey PRIMARY KEY,
    name text COLLATE "C" NOT NULL CONSTRAINT dim_action_name_key UNIQUE
);
CREATE TABLE :"schema".dim_user (
    id integer CONSTRAINT dim_user_pkey PRIMARY KEY,
    name uuid NOT NULL CONSTRAINT dim_user_name_key UNIQUE
);
-- Addresses are opaque text: Directus stores whatever a proxy told it.
CREATE TABLE :"schema".dim_ip (
    id integer CONSTRAINT dim_ip_pkey PRIMARY KEY,
    name text COLLATE "C" NOT NULL CONSTRAINT dim_ip_name_key UNIQUE
);

-- One row for each hour, collection, action, user and address. No foreign keys: the feed writes both sides under one
-- lock, and checking four keys a row would double the cost of the first run.
CREATE TABLE :"schema".fact (
    hour timestamptz NOT NULL,
    collection_id integer NOT NULL,
    action_id integer NOT NULL,
    user_id integer NOT NULL,
    ip_id integer NOT NULL,
    events bigint NOT NULL CONSTRAINT fact_events_check CHECK (events > 0),
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT fact_pkey PRIMARY KEY (hour, collection_id, action_id, user_id, ip_id)
) PARTITION BY RANGE (hour);
-- Long ranges of hours are read through a few pages of this instead of the primary key.
CREATE INDEX fact_hour_brin ON :"schema".fact USING brin (hour);
-- Hours that no month was made for: clocks that were wrong by decades.
CREATE TABLE :"schema".fact_default PARTITION OF :"schema".fact DEFAULT;

-- Makes the partition of a month. A table is made beside and attached, since attaching does not stop readers.
CREATE FUNCTION :"schema".ensure_fact_partition(p_month timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = :"schema", pg_temp SET timezone = 'UTC' AS $$
DECLARE
    v_lower constant timestamptz := date_trunc('month', p_month);
    v_upper constant timestamptz := v_lower + interval '1 month';
    v_name constant text := 'fact_' || to_char(v_lower, 'YYYY_MM');
BEGIN
    IF to_regclass(v_name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE fact INCLUDING ALL) WITH (fillfactor = 90)', v_name);
    -- Rows of this month that came before its partition.
    EXECUTE format(
        'WITH moved AS (DELETE FROM fact_default WHERE hour >= %L AND hour < %L RETURNING *)
         INSERT INTO %I SELECT * FROM moved',
        v_lower, v_upper, v_name);
    EXECUTE format('ALTER TABLE fact ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', v_name, v_lower, v_upper);
END
$$;

-- The batch that last changed an hour, so that a reader fetches just the hours that it does not know yet.
CREATE TABLE :"schema".changed_hour (
    hour timestamptz CONSTRAINT changed_hour_pkey PRIMARY KEY,
    batch bigint NOT NULL
);

-- The last day to the second, for windows that do not begin on a whole hour; rows without an address are left out.
CREATE TABLE :"schema".recent_fact (
    last_at timestamptz NOT NULL,
    ip_id integer NOT NULL,
    collection_id integer NOT NULL,
    action_id integer NOT NULL,
    events integer NOT NULL,
    batch bigint NOT NULL
);
-- Readers ask for the batches that they do not know yet.
CREATE INDEX recent_fact_batch_idx ON :"schema".recent_fact (batch);
-- Each batch deletes what no window reaches any more.
CREATE INDEX recent_fact_last_at_idx ON :"schema".recent_fact (last_at);

-- How far the feed has come: every row with an id up to last_id is in the facts, unless the id lies in a gap.
CREATE TABLE :"schema".feed (
    singleton boolean NOT NULL DEFAULT true
        CONSTRAINT feed_pkey PRIMARY KEY
        CONSTRAINT feed_singleton_check CHECK (singleton),
    last_id bigint NOT NULL DEFAULT -2147483649, -- below the smallest integer
    batch bigint NOT NULL DEFAULT 0,
    row_count bigint NOT NULL DEFAULT 0
);
INSERT INTO :"schema".feed DEFAULT VALUES;

-- Ids up to feed.last_id that were not visible when the feed passed them, with the transactions that may still commit
-- them: all that held RowExclusiveLock on directus_activity (pg_locks.virtualtransaction).
CREATE TABLE :"schema".feed_gap (
    first_id bigint CONSTRAINT feed_gap_pkey PRIMARY KEY,
    last_id bigint NOT NULL,
    holders text[] NOT NULL,
    CONSTRAINT feed_gap_range_check CHECK (first_id <= last_id)
);

-- Numbers of generations of documents. Drawn before the data is read.
CREATE SEQUENCE :"schema".generation;
