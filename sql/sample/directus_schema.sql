-- The two tables of Directus 11.13 and later that the samples need, as Directus creates them on PostgreSQL.
-- For throw-away servers only: beside a real installation Directus itself owns these tables.

CREATE TABLE directus_activity (
    id serial PRIMARY KEY,
    action varchar(45) NOT NULL,
    "user" uuid,
    "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ip varchar(50),
    user_agent text,
    collection varchar(64) NOT NULL,
    item varchar(255) NOT NULL,
    origin varchar(255)
);

CREATE INDEX directus_activity_timestamp_index ON directus_activity ("timestamp");

CREATE TABLE directus_revisions (
    id serial PRIMARY KEY,
    activity integer NOT NULL,
    collection varchar(64) NOT NULL,
    item varchar(255) NOT NULL,
    data json,
    delta json,
    parent integer,
    version uuid,
    CONSTRAINT directus_revisions_activity_foreign
        FOREIGN KEY (activity) REFERENCES directus_activity (id) ON DELETE CASCADE,
    CONSTRAINT directus_revisions_parent_foreign
        FOREIGN KEY (parent) REFERENCES directus_revisions (id)
);

CREATE INDEX directus_revisions_parent_index ON directus_revisions (parent);
CREATE INDEX directus_revisions_activity_index ON directus_revisions (activity);
