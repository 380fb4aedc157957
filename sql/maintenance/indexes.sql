-- The indexes that the role may rebuild, with the pages that each has and the pages that its entries would fill.
--
-- $1 the daemon's schema   $2 directus_activity
--
-- Expected pages are NULL where PostgreSQL has not analyzed enough to tell, and in indexes other than B-trees. They are
-- estimated too high where entries are deduplicated, so that no index is rebuilt for nothing.
WITH maintained AS (
    SELECT i.oid, x.indrelid, x.indkey, x.indisvalid, n.nspname AS schema, c.relname AS table_name,
           i.relname AS index_name, m.amname = 'btree' AS is_btree,
           pg_relation_size(i.oid) / current_setting('block_size')::integer AS pages,
           -- Both numbers lag, and whichever is larger makes the index look less bloated.
           greatest(
               i.reltuples,
               pg_stat_get_live_tuples(c.oid)
                   * CASE WHEN x.indpred IS NULL THEN 1 ELSE least(i.reltuples / nullif(c.reltuples, 0), 1) END
           ) AS entries,
           coalesce(
               (SELECT option_value::integer FROM pg_options_to_table(i.reloptions) WHERE option_name = 'fillfactor'), 90
           ) AS fill_factor
    FROM pg_index AS x
    JOIN pg_class AS i ON i.oid = x.indexrelid
    JOIN pg_class AS c ON c.oid = x.indrelid
    JOIN pg_am AS m ON m.oid = i.relam
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND i.relkind = 'i' AND NOT x.indisexclusion -- those cannot be rebuilt in use
      AND (n.nspname IN ($1, 'cron') OR c.oid = to_regclass($2))
      AND (
          pg_has_role(c.relowner, 'USAGE')
          OR CASE
                 WHEN current_setting('server_version_num')::integer < 170000 THEN false
                 ELSE has_table_privilege(c.oid, 'MAINTAIN')
             END
      )
),
-- An entry is a header of 8 bytes, 8 more for the NULLs if there are any, and the values; a pointer of 4 leads to it.
entry AS (
    SELECT maintained.oid,
           8 + CASE WHEN bool_or(coalesce(s.null_frac, 0) > 0) THEN 8 ELSE 0 END
               + ceil(
                   sum((1 - coalesce(s.null_frac, 0)) * CASE WHEN a.attlen > 0 THEN a.attlen ELSE s.avg_width END) / 8
               ) * 8
               + 4 AS width,
           bool_and(a.attlen > 0 OR s.avg_width IS NOT NULL) AS is_known
    FROM maintained
    JOIN pg_attribute AS a ON a.attrelid = maintained.oid
    LEFT JOIN pg_attribute AS t ON t.attrelid = maintained.indrelid AND t.attnum = maintained.indkey[a.attnum - 1]
        AND t.attnum <> 0
    -- An expression has statistics under the name of the index.
    LEFT JOIN pg_stats AS s ON s.schemaname = maintained.schema AND NOT s.inherited
        AND s.tablename = CASE WHEN t.attname IS NULL THEN maintained.index_name ELSE maintained.table_name END
        AND s.attname = coalesce(t.attname, a.attname)
    GROUP BY maintained.oid
)
SELECT format('%I.%I', schema, index_name) AS name, format('%I.%I', schema, table_name) AS table_name, pages,
       -- A page has 24 bytes of header and 16 at its end; the first page of an index holds no entries.
       CASE WHEN is_btree AND is_known AND entries > 0 THEN
           1 + ceil(entries / greatest(1, floor((current_setting('block_size')::integer - 40) * fill_factor / 100 / width)))
       END::bigint AS expected_pages,
       pg_size_pretty(pg_relation_size(oid)) AS size, indisvalid,
       -- REINDEX CONCURRENTLY names what it builds _ccnew and what it replaces _ccold.
       NOT indisvalid AND index_name ~ '_cc(new|old)[0-9]*$' AS is_left_over
FROM maintained
JOIN entry USING (oid)
ORDER BY name
