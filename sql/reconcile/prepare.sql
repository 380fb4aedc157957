-- What the raw rows say, for the time of one transaction.
CREATE TEMP TABLE recount (
    hour timestamptz, collection text COLLATE "C", action text COLLATE "C", "user" uuid, ip text COLLATE "C",
    events bigint, first_at timestamptz, last_at timestamptz
) ON COMMIT DROP
