package import ActivitySQL
package import PostgresClient

/// The roles `activityd`, which the daemon connects as, and `activity_reader`, for people and programs that only read.
///
/// Roles belong to the whole server; what they may do is said for one database.
package struct Roles: Sendable {
    /// Owns the daemon's schemas and may read Directus's table.
    package static let daemon = "activityd"
    /// May read views, and call functions that read.
    package static let reader = "activity_reader"

    /// unique_violation while the other's transaction was open, duplicate_object after it had ended.
    private static let namesTaken: Set<String?> = ["23505", "42710"]

    private let sql: ActivitySQL

    /// The roles for the schemas that `sql` names.
    package init(_ sql: ActivitySQL) {
        self.sql = sql
    }

    private struct Situation {
        var isSuperuser: Bool
        var mayCreateRoles: Bool
        var hasDaemon: Bool
        var hasReader: Bool
        /// Of the daemon's schema; nil when there is no such schema.
        var owner: String?
        var hasSource: Bool
    }

    /// Makes what is missing, as far as the connection's role may: a superuser makes both roles and gives the daemon its
    /// schema, one with CREATEROLE makes the reader.
    ///
    /// - Returns: what was made, one line each.
    /// - Throws: `PostgresError`.
    package func create(_ connection: PostgresConnection) async throws -> [String] {
        // The lock is of one database, roles are of all: each may just have been made from another one.
        for _ in [Self.daemon, Self.reader] {
            do {
                return try await connection.transaction { try await create(inTransaction: $0) }
            } catch let error as PostgresError where Self.namesTaken.contains(error.sqlState) {}
        }
        return try await connection.transaction { try await create(inTransaction: $0) }
    }

    /// The same in a transaction of the caller's.
    ///
    /// - Throws: `PostgresError`, also when somebody else makes a role just now.
    package func create(inTransaction connection: PostgresConnection) async throws -> [String] {
        _ = try await connection.query("SELECT pg_advisory_xact_lock(hashtextextended('activityd roles', 0))")
        let situation = try await situation(connection)
        let daemon = try await createDaemon(connection, situation)
        return try await daemon + createReader(connection, situation)
    }

    /// Runs `body` as the owner of the daemon's schema, where the connection's role is a superuser who made it for another.
    ///
    /// - Throws: what `body` throws, `PostgresError`.
    package func asOwner<R>(
        _ connection: PostgresConnection,
        _ body: (PostgresConnection) async throws -> R,
    ) async throws -> R {
        let situation = try await situation(connection)
        guard situation.isSuperuser, situation.owner == Self.daemon else { return try await body(connection) }
        _ = try await connection.query("SET ROLE \(Self.daemon)")
        do {
            let result = try await body(connection)
            _ = try await connection.query("RESET ROLE")
            return result
        } catch {
            _ = try? await connection.query("RESET ROLE")
            throw error
        }
    }

    /// Lets the reader read what there is by now, if there is such a role.
    ///
    /// - Throws: `PostgresError`.
    package func grant(_ connection: PostgresConnection) async throws {
        guard try await situation(connection).hasReader else { return }
        try await connection.execute(script: sql.grantReader)
    }

    private func createDaemon(_ connection: PostgresConnection, _ situation: Situation) async throws -> [String] {
        guard situation.isSuperuser, situation.owner == nil || situation.owner == Self.daemon else { return [] }
        var made: [String] = []
        if !situation.hasDaemon {
            try await connection.execute(script: "CREATE ROLE \(Self.daemon) LOGIN")
            made.append("role \(Self.daemon)")
        }
        for schema in [sql.schema, "cron"] {
            let absent = try await connection.query("SELECT to_regnamespace(quote_ident($1)) IS NULL", [.text(schema)])
            guard try absent.value(0, 0) else { continue }
            let identifier = ActivitySQL.identifier(schema)
            try await connection.execute(script: "CREATE SCHEMA \(identifier) AUTHORIZATION \(Self.daemon)")
            made.append("schema \(identifier)")
        }
        if situation.hasSource { try await connection.execute(script: sql.grantDaemon) }
        return made
    }

    private func createReader(_ connection: PostgresConnection, _ situation: Situation) async throws -> [String] {
        guard !situation.hasReader, situation.mayCreateRoles else { return [] }
        let path = "\(ActivitySQL.identifier(sql.schema)), \(ActivitySQL.identifier(sql.source))"
        let database: String = try await connection.query("SELECT current_database()").value(0, 0)
        // For those who log in as this role, once somebody allows it; settings are not inherited by members.
        try await connection.execute(
            script: """
                CREATE ROLE \(Self.reader) NOLOGIN;
                ALTER ROLE \(Self.reader) SET default_transaction_read_only = on;
                ALTER ROLE \(Self.reader) IN DATABASE \(ActivitySQL.identifier(database)) SET search_path = \(path);
                """
        )
        return ["role \(Self.reader)"]
    }

    private func situation(_ connection: PostgresConnection) async throws -> Situation {
        let found = try await connection.query(
            """
            SELECT me.rolsuper, me.rolsuper OR me.rolcreaterole, to_regrole($1) IS NOT NULL, to_regrole($2) IS NOT NULL,
                (SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = $3), to_regclass($4) IS NOT NULL
            FROM pg_roles AS me WHERE me.rolname = session_user
            """,
            [.text(Self.daemon), .text(Self.reader), .text(sql.schema), .text(sql.sourceTable)],
        )
        return Situation(
            isSuperuser: try found.value(0, 0),
            mayCreateRoles: try found.value(0, 1),
            hasDaemon: try found.value(0, 2),
            hasReader: try found.value(0, 3),
            owner: try found.value(0, 4),
            hasSource: try found.value(0, 5),
        )
    }
}
