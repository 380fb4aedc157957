-- What activity_reader may do: read the views, call the functions that read, and nothing else.
GRANT USAGE ON SCHEMA :"schema" TO activity_reader;
GRANT SELECT ON
    :"schema".mv_activity_hourly_stats,
    :"schema".mv_activity_daily_summary,
    :"schema".mv_activity_collection_stats
TO activity_reader;
