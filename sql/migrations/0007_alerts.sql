-- Detection and alerts. What detectors know, alerts and the outbox are written in the transaction of the rows that they
-- come from, under the lock of the row in "feed"; what concerns the daemon itself under the lock of "operations".

-- Since when events are looked at. An installation's history is no attack: a day of it fills the windows, the weeks
-- before only teach what is usual.
CREATE TABLE :"schema".detection (
    singleton boolean NOT NULL DEFAULT true
        CONSTRAINT detection_pkey PRIMARY KEY
        CONSTRAINT detection_singleton_check CHECK (singleton),
    begins_at timestamptz NOT NULL DEFAULT now() - interval '1 day',
    -- when the history before begins_at was learnt
    learnt_at timestamptz,
    -- counts the writes of detector_state, so that a daemon sees whether another one has written since
    revision bigint NOT NULL DEFAULT 0
);
INSERT INTO :"schema".detection DEFAULT VALUES;

-- What detectors know of each key: an address, a user, a series.
CREATE TABLE :"schema".detector_state (
    detector text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT detector_state_pkey PRIMARY KEY (detector, key)
) WITH (fillfactor = 70);

-- Detectors that failed and are off until somebody resets them.
CREATE TABLE :"schema".detector_failure (
    detector text COLLATE "C" CONSTRAINT detector_failure_pkey PRIMARY KEY,
    reason text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT now()
);

-- One row for each occurrence of something suspicious, published or not.
CREATE TABLE :"schema".alert (
    occurrence_id text COLLATE "C" CONSTRAINT alert_pkey PRIMARY KEY,
    -- of rule and key: the same each time
    fingerprint text COLLATE "C" NOT NULL,
    rule text NOT NULL,
    alert_type text NOT NULL,
    severity text NOT NULL
        CONSTRAINT alert_severity_check CHECK (severity IN ('info', 'low', 'medium', 'high', 'critical')),
    status text NOT NULL CONSTRAINT alert_status_check CHECK (status IN ('pending', 'firing', 'resolved')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    updated_at timestamptz NOT NULL,
    -- events published of it; 0 while pending or kept quiet
    published integer NOT NULL DEFAULT 0,
    -- why it is kept quiet: an allow-list or a silence
    suppressed_by text,
    acknowledged_at timestamptz,
    acknowledged_by text,
    acknowledgement text,
    -- the episode as the daemon goes on from
    episode jsonb NOT NULL,
    -- the member "data" of the newest event
    data jsonb NOT NULL
) WITH (fillfactor = 70);
-- Nothing is open twice, and what is open is read by every daemon that takes over.
CREATE UNIQUE INDEX alert_open_key ON :"schema".alert (fingerprint) WHERE status <> 'resolved';
-- Alerts are listed and pruned by time.
CREATE INDEX alert_starts_at_idx ON :"schema".alert (starts_at);

-- Events on their way to Redis. The relay numbers them: order of commit is not order of id.
CREATE TABLE :"schema".alert_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT alert_outbox_pkey PRIMARY KEY,
    event_id text COLLATE "C" NOT NULL CONSTRAINT alert_outbox_event_id_key UNIQUE,
    occurrence_id text COLLATE "C" NOT NULL,
    -- the CloudEvent as JSON, without its sequence
    event text NOT NULL CONSTRAINT alert_outbox_event_check CHECK (event LIKE '{"%}'),
    created_at timestamptz NOT NULL DEFAULT now(),
    relay_seq bigint CONSTRAINT alert_outbox_relay_seq_key UNIQUE
);
-- The relay looks every second for what has no number yet.
CREATE INDEX alert_outbox_new_idx ON :"schema".alert_outbox (id) WHERE relay_seq IS NULL;
-- Replays and pruning go by time.
CREATE INDEX alert_outbox_created_at_idx ON :"schema".alert_outbox (created_at);

CREATE TABLE :"schema".relay (
    singleton boolean NOT NULL DEFAULT true
        CONSTRAINT relay_pkey PRIMARY KEY
        CONSTRAINT relay_singleton_check CHECK (singleton),
    -- the last number given
    numbered bigint NOT NULL DEFAULT 0,
    -- every event up to here has been in Redis and was announced on the channel
    delivered bigint NOT NULL DEFAULT 0
);
INSERT INTO :"schema".relay DEFAULT VALUES;

-- Silences stop publishing, not recording. Columns that are NULL match everything.
CREATE TABLE :"schema".alert_silence (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT alert_silence_pkey PRIMARY KEY,
    rule text,
    fingerprint text,
    -- an address or a network in CIDR notation
    address cidr,
    user_id text,
    comment text NOT NULL CONSTRAINT alert_silence_comment_check CHECK (comment <> ''),
    created_by text NOT NULL DEFAULT session_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT alert_silence_matcher_check CHECK (num_nonnulls(rule, fingerprint, address, user_id) > 0)
);

-- Sign-ins that Directus does not log, as its flows report them.
CREATE TABLE :"schema".auth_event (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT auth_event_pkey PRIMARY KEY,
    -- whoever sends an event twice says so by giving it the same name
    client_id text COLLATE "C" CONSTRAINT auth_event_client_id_key UNIQUE,
    "timestamp" timestamptz NOT NULL,
    outcome text NOT NULL CONSTRAINT auth_event_outcome_check CHECK (outcome IN ('success', 'failure')),
    "user" text,
    email text,
    ip text,
    user_agent text,
    received_at timestamptz NOT NULL DEFAULT now(),
    -- set by the feed's transaction
    is_detected boolean NOT NULL DEFAULT false
);
-- The feed takes what is new.
CREATE INDEX auth_event_new_idx ON :"schema".auth_event (id) WHERE NOT is_detected;
-- Pruning goes by time.
CREATE INDEX auth_event_received_at_idx ON :"schema".auth_event (received_at);

-- The lock of whoever looks after the daemons' own troubles.
CREATE TABLE :"schema".operations (
    singleton boolean NOT NULL DEFAULT true
        CONSTRAINT operations_pkey PRIMARY KEY
        CONSTRAINT operations_singleton_check CHECK (singleton),
    looked_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO :"schema".operations DEFAULT VALUES;
-- Whether an alert was made of it. What happened before there were alerts is past.
ALTER TABLE :"schema".job_run ADD COLUMN is_noticed boolean NOT NULL DEFAULT true;
ALTER TABLE :"schema".job_run ALTER COLUMN is_noticed SET DEFAULT false;
CREATE INDEX job_run_unnoticed_idx ON :"schema".job_run (id) WHERE status IN ('failed', 'missed') AND NOT is_noticed;
ALTER TABLE :"schema".drift ADD COLUMN is_noticed boolean NOT NULL DEFAULT true;
ALTER TABLE :"schema".drift ALTER COLUMN is_noticed SET DEFAULT false;
CREATE INDEX drift_unnoticed_idx ON :"schema".drift (found_at) WHERE NOT is_noticed;
