package import PostgresClient

/// The schema `cron`: pg_cron's tables and functions, as `sql/cron` makes them.
///
/// It is left alone where it is somebody else's: the extension's, above all.
package enum CronSchema {
    /// Whose it is.
    package enum State: Sendable, Hashable {
        /// Ours.
        case installed
        /// Not there, or ours and empty; it can be made.
        case absent
        /// Not ours, or not to be had; why.
        case unavailable(reason: String)
    }

    /// Looks whose it is.
    ///
    /// - Throws: `PostgresError`.
    package static func state(_ connection: PostgresConnection) async throws -> State {
        let found = try await connection.query(
            """
            SELECT
                EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_cron'),
                EXISTS (SELECT FROM pg_namespace WHERE nspname = 'cron'),
                EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                        WHERE n.nspname = 'cron' AND c.relname = 'schema_migration'
                            AND pg_has_role(c.relowner, 'USAGE')),
                has_database_privilege(current_database(), 'CREATE'),
                EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = 'cron' AND pg_has_role(n.nspowner, 'USAGE')
                        AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = n.oid)
                        AND NOT EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = n.oid))
            """
        )
        if try found.value(0, 0) {
            return .unavailable(
                reason: "the extension pg_cron is installed; activityd import-pg-cron takes its jobs over"
            )
        }
        if try found.value(0, 2) { return .installed }
        if try found.value(0, 4) { return .absent }
        if try found.value(0, 1) {
            return .unavailable(reason: "schema \"cron\" belongs to somebody else")
        }
        guard try found.value(0, 3) else {
            return .unavailable(
                reason: "the role may not create it: as an administrator run CREATE SCHEMA cron AUTHORIZATION the_role"
            )
        }
        return .absent
    }

    /// Roles other than the owner that may use the schema, as identifiers in quotes where needed.
    ///
    /// - Throws: `PostgresError`.
    package static func users(_ connection: PostgresConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
            FROM pg_namespace AS n CROSS JOIN aclexplode(n.nspacl) AS a
            WHERE n.nspname = 'cron' AND a.privilege_type = 'USAGE' AND a.grantee <> n.nspowner
            """
        ).map { try $0.value(0) }
    }

    /// Lets roles use the schema.
    ///
    /// - Throws: `PostgresError`.
    package static func allow(_ users: [String], _ connection: PostgresConnection) async throws {
        guard !users.isEmpty else { return }
        _ = try await connection.query("GRANT USAGE ON SCHEMA cron TO \(users.joined(separator: ", "))")
    }
}
