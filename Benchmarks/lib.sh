# shellcheck shell=bash
# What benchmarks beside the repaired predecessor share. To be sourced after deploy/lib.sh.

# Starts the servers with a history, and with what the predecessor has beside it: prepare_history ROWS DAYS
prepare_history() {
    say "$1 rows over $2 days: starting a throw-away PostgreSQL and Redis, loading the sample"
    start_postgres shared_buffers=1GB work_mem=64MB maintenance_work_mem=512MB max_wal_size=16GB \
        shared_preload_libraries=pg_stat_statements
    start_redis
    # shellcheck disable=SC2154 # the script that sources this sets it
    create_directus "$project/sql/sample"
    sql postgres directus --command='CREATE EXTENSION pg_stat_statements'
    local since=$SECONDS
    sql directus directus --output=/dev/null --set=rows="$1" --set=days="$2" \
        --file="$project/sql/sample/sample_activity.sql"
    say "sample loaded in $((SECONDS - since)) s; creating the predecessor's indexes and views"
    sql directus directus --file="$project/Benchmarks/predecessor.sql"
    sql directus directus --command='VACUUM ANALYZE directus_activity, mv_activity_hourly_stats,
        mv_activity_daily_summary, mv_activity_collection_stats'
}
