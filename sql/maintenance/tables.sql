-- What the statistics say of each table that the role may vacuum: its own, and directus_activity if it may.
--
-- $1 the daemon's schema   $2 directus_activity
--
-- Nothing counts what changes in a partitioned table, and autovacuum never analyzes one: its rows are those of its
-- partitions, and what changed is how far their number is from what its last ANALYZE found.
WITH maintained AS (
    SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, c.relkind = 'p' AS is_partitioned, c.reltuples,
           CASE WHEN c.relkind = 'p' THEN 0 ELSE age(c.relfrozenxid) END AS age
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND (n.nspname IN ($1, 'cron') OR c.oid = to_regclass($2))
      AND (
          pg_has_role(c.relowner, 'USAGE')
          OR CASE
                 WHEN current_setting('server_version_num')::integer < 170000 THEN false
                 ELSE has_table_privilege(c.oid, 'MAINTAIN')
             END
      )
),
counted AS (
    SELECT name, is_partitioned, pg_stat_get_live_tuples(oid) AS live, pg_stat_get_dead_tuples(oid) AS dead,
           pg_stat_get_ins_since_vacuum(oid) AS inserted, pg_stat_get_mod_since_analyze(oid) AS changed,
           coalesce(pg_stat_get_last_analyze_time(oid), pg_stat_get_last_autoanalyze_time(oid)) IS NOT NULL AS is_analyzed,
           age
    FROM maintained
    WHERE NOT is_partitioned
    UNION ALL
    SELECT name, is_partitioned, live, 0, 0, abs(live - greatest(reltuples, 0))::bigint, reltuples >= 0, age
    FROM maintained
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(pg_stat_get_live_tuples(relid)), 0)::bigint AS live
        FROM pg_partition_tree(maintained.oid)
        WHERE isleaf
    ) AS partitions
    WHERE is_partitioned
)
SELECT name, is_partitioned, live, dead, inserted, changed, is_analyzed, age::bigint AS age,
       current_setting('autovacuum_freeze_max_age')::bigint AS longest_age
FROM counted
ORDER BY name
