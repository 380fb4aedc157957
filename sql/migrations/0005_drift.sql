-- Hours whose facts were not what the raw rows said, and were repaired. "cause" is what the raw rows look like beside the
-- facts: "deleted" has fewer, "added" more, "rewritten" others. Entries of the last 90 days are kept.
CREATE TABLE :"schema".drift (
    hour timestamptz NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    events_before bigint NOT NULL,
    events_after bigint NOT NULL,
    cause text NOT NULL CONSTRAINT drift_cause_check
        CHECK (cause IN ('deleted', 'added', 'rewritten', 'deleted, rewritten', 'added, rewritten')),
    CONSTRAINT drift_pkey PRIMARY KEY (hour, found_at)
);
