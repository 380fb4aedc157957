-- Writes alerts as they are now, and the events that subscribers get of them.
--
-- $1…$12 the columns of alerts in order, one element an alert   $13 event ids   $14 their alerts   $15 events
WITH recorded AS (
    INSERT INTO :"schema".alert AS alert
        (occurrence_id, fingerprint, rule, alert_type, severity, status, starts_at, ends_at, updated_at, published,
         suppressed_by, episode, data)
    SELECT occurrence_id, fingerprint, rule, alert_type, severity, status, starts_at,
           nullif(ends_at, 'infinity'), now(), published, suppressed_by, episode::jsonb, data::jsonb
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
                $8::timestamptz[], $9::bigint[], $10::text[], $11::text[], $12::text[])
        AS change (occurrence_id, fingerprint, rule, alert_type, severity, status, starts_at, ends_at, published,
                   suppressed_by, episode, data)
    ON CONFLICT (occurrence_id) DO UPDATE SET
        alert_type = excluded.alert_type, severity = excluded.severity, status = excluded.status,
        ends_at = excluded.ends_at, updated_at = excluded.updated_at, published = excluded.published,
        suppressed_by = excluded.suppressed_by, episode = excluded.episode, data = excluded.data
)
INSERT INTO :"schema".alert_outbox (event_id, occurrence_id, event)
SELECT event_id, occurrence_id, event
FROM unnest($13::text[], $14::text[], $15::text[]) WITH ORDINALITY AS new (event_id, occurrence_id, event, position)
ORDER BY position
ON CONFLICT (event_id) DO NOTHING
