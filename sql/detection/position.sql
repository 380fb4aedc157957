-- Where detection stands; asked for once the feed's lock is held.
SELECT now(), begins_at, learnt_at IS NOT NULL, revision,
       EXISTS (SELECT FROM :"schema".auth_event WHERE NOT is_detected)
FROM :"schema".detection
