import ActivitySQL
import PostgresClient

// What the catalog says.
extension SourceIndexPlan {
    /// Reads how the indexes are.
    ///
    /// - Throws: `SourceTableError.missingTable`, `PostgresError`.
    init(_ connection: PostgresConnection, _ sql: ActivitySQL, includesBRIN: Bool) async throws {
        self.init(
            table: try await Self.table(connection, sql),
            indexes: try await Self.indexes(connection, sql),
            strangers: try await Self.strangers(connection, sql),
            builder: try await Self.builder(connection, sql),
            includesBRIN: includesBRIN,
        )
    }

    private static func table(_ connection: PostgresConnection, _ sql: ActivitySQL) async throws
        -> SourceIndexPlan.Table
    {
        let answer = try await connection.query(
            """
            SELECT pg_get_userbyid(relowner)::text, current_user::text, pg_has_role(relowner, 'USAGE'),
                has_schema_privilege(relnamespace, 'CREATE'), reltuples::float8
            FROM pg_class WHERE oid = to_regclass($1)
            """,
            [.text(sql.sourceTable)],
        )
        guard answer.rowCount == 1 else { throw SourceTableError.missingTable(sql.sourceTable) }
        return SourceIndexPlan.Table(
            identifier: sql.sourceTable,
            schema: ActivitySQL.identifier(sql.source),
            owner: try answer.value(0, 0),
            role: try answer.value(0, 1),
            roleIsOwner: try answer.value(0, 2),
            roleMayCreate: try answer.value(0, 3),
            rows: try answer.value(0, 4),
        )
    }

    /// An operator class sorts naturally when it is in the family of the default one for its type.
    private static func indexes(_ connection: PostgresConnection, _ sql: ActivitySQL) async throws -> [ExistingIndex] {
        try await connection.query(
            """
            SELECT i.relname::text, m.amname::text, x.indisvalid AND x.indisready AND x.indislive,
                x.indisunique OR x.indisexclusion, pg_get_expr(x.indpred, x.indrelid), pg_get_indexdef(x.indexrelid),
                keys.columns, keys.options, keys.sort_naturally
            FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_am AS m ON m.oid = i.relam
            CROSS JOIN LATERAL (
                SELECT array_agg(coalesce(a.attname::text, '') ORDER BY n) AS columns,
                    array_agg(x.indoption[n]::integer ORDER BY n) AS options,
                    array_agg(
                        coalesce(x.indcollation[n] = a.attcollation, false) AND EXISTS (
                            SELECT FROM pg_opclass AS o JOIN pg_opclass AS d
                                ON d.opcfamily = o.opcfamily AND d.opcintype = o.opcintype AND d.opcdefault
                            WHERE o.oid = x.indclass[n])
                        ORDER BY n) AS sort_naturally
                FROM generate_series(0, x.indnkeyatts - 1) AS n
                LEFT JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[n] AND a.attnum > 0
            ) AS keys
            WHERE x.indrelid = to_regclass($1)
            ORDER BY i.relname
            """,
            [.text(sql.sourceTable)],
        ).map { row in
            let columns: [String] = try row.value(6)
            let options: [Int32] = try row.value(7)
            let sortNaturally: [Bool] = try row.value(8)
            return ExistingIndex(
                name: try row.value(0),
                method: try row.value(1),
                isValid: try row.value(2),
                isConstraining: try row.value(3),
                keys: columns.indices.map { key in
                    ExistingIndex.Key(column: columns[key], options: options[key], sortsNaturally: sortNaturally[key])
                },
                predicate: try row.value(4),
                definition: try row.value(5),
            )
        }
    }

    private static func strangers(_ connection: PostgresConnection, _ sql: ActivitySQL) async throws -> [String: String]
    {
        let found = try await connection.query(
            """
            SELECT c.relname::text,
                coalesce(pg_get_indexdef(x.indexrelid), pg_describe_object('pg_class'::regclass, c.oid, 0))
            FROM pg_class AS c LEFT JOIN pg_index AS x ON x.indexrelid = c.oid
            WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass($1))
                AND c.relname = ANY ($2) AND x.indrelid IS DISTINCT FROM to_regclass($1)
            """,
            [.text(sql.sourceTable), .textArray((SourceIndex.wanted + [.brin]).map(\.name))],
        ).map { (try $0.value(0, as: String.self), try $0.value(1, as: String.self)) }
        return Dictionary(found) { first, _ in first }
    }

    /// Found by its locks, because the progress of another role's session is nobody's business.
    private static func builder(_ connection: PostgresConnection, _ sql: ActivitySQL) async throws -> Int32? {
        try await connection.query(
            """
            SELECT min(l.pid) FROM pg_locks AS l
            WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND (l.relation = to_regclass($1) AND l.mode IN ('ShareLock', 'ShareUpdateExclusiveLock')
                        AND l.pid IN (SELECT pid FROM pg_stat_progress_create_index)
                    OR l.mode = 'ShareUpdateExclusiveLock'
                        AND l.relation IN (SELECT indexrelid FROM pg_index WHERE indrelid = to_regclass($1)))
            """,
            [.text(sql.sourceTable)],
        ).value(0, 0)
    }
}
