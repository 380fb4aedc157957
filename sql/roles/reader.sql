-- What activity_reader may do: read the views, call the functions that read, and nothing else.
GRANT USAGE ON SCHEMA :"schema" TO activity_reader;
GRANT SELECT ON
    :"schema".mv_activity_hourly_stats,
    :"schema".mv_activity_daily_summary,
    :"schema".mv_activity_collection_stats,
    :"schema".v_activity_index_stats,
    :"schema".v_activity_table_stats,
    :"schema".v_activity_slow_queries
TO activity_reader;
-- The last three are what the views stand on.
GRANT EXECUTE ON FUNCTION
    :"schema".get_ip_activity_stats,
    :"schema".get_user_engagement_metrics,
    :"schema".detect_activity_anomalies,
    :"schema".test_activity_query_performance,
    :"schema".activity_index_stats,
    :"schema".activity_table_stats,
    :"schema".activity_slow_queries
TO activity_reader;
