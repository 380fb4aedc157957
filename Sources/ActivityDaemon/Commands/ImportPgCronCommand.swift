import ActivitySQL
import Cron
import Pipeline
import PostgresClient
package import Scheduling

/// `activityd import-pg-cron`: takes over the jobs of the extension.
package struct ImportPgCronCommand: Sendable {
    private let configuration: DaemonConfiguration
    private let source: String?
    private let sql: ActivitySQL

    /// What was found and done.
    package struct Report: Sendable, Encodable {
        /// A job of the extension.
        package struct Job: Sendable, Encodable {
            package var id: Int64
            package var name: String?
            package var schedule: String
            package var database: String
            package var role: String
            package var active: Bool
            package var canBeImported: Bool
            package var warnings: [String]
        }

        package var jobs: [Job]
        /// Jobs written; 0 when nothing was to be changed.
        package var imported = 0
        /// Where the extension's runs and our slots differ; only when that was asked for.
        package var shadow: [PgCronImport.Comparison]?
    }

    /// A command for a configuration.
    ///
    /// - Parameters:
    ///   - configuration: where the jobs go.
    ///   - source: a connection string of the database that has the extension; nil for the daemon's own.
    package init(_ configuration: DaemonConfiguration, source: String?) {
        self.configuration = configuration
        self.source = source
        sql = ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema)
    }

    /// Says what would become of the jobs, and changes nothing.
    ///
    /// - Parameter shadowHours: compares with what the extension ran in the last hours, when given.
    /// - Returns: the jobs with what would be different.
    /// - Throws: `MissingExtensionError`, `PostgresError`.
    package func preview(shadowHours: Int?) async throws -> Report {
        let connection = try await PostgresConnection.connect(sourceConfiguration)
        let plans = try await PgCronImport.sources(connection).map(PgCronImport.plan)
        var report = Report(plans)
        if let shadowHours {
            report.shadow = try await PgCronImport.shadow(plans, hours: shadowHours, connection)
        }
        await connection.close()
        return report
    }

    /// Takes the jobs over: from another database they are made inactive there; in the daemon's own the extension is
    /// dropped.
    ///
    /// - Parameter replacesExtension: whether the extension may be dropped.
    /// - Returns: what was done.
    /// - Throws: `ImportRefusedError`, `MissingExtensionError`, `MigrationError`, `PostgresError`; no job was changed
    ///   then.
    package func run(replacesExtension: Bool) async throws -> Report {
        let target = try await PostgresConnection.connect(configuration.postgres)
        do {
            let report = try await source == nil ? replace(target, replacesExtension) : copy(to: target)
            await target.close()
            return report
        } catch {
            await target.close()
            throw error
        }
    }

    private func replace(_ target: PostgresConnection, _ replacesExtension: Bool) async throws -> Report {
        guard replacesExtension else {
            _ = try await PgCronImport.sources(target)
            throw ImportRefusedError()
        }
        let roles = try await migrate(target)
        return try await target.transaction { connection in
            let plans = try await PgCronImport.sources(connection).map(PgCronImport.plan)
            let users = try await CronSchema.users(connection)
            // The table goes with the extension, in the transaction that makes its successor.
            try await connection.execute(script: "DROP EXTENSION pg_cron; DROP SCHEMA IF EXISTS cron")
            _ = try await roles.create(inTransaction: connection)
            _ = try await roles.asOwner(connection) { try await Migrator(sql.cronSchema).migrate(inTransaction: $0) }
            try await CronSchema.allow(users, connection)
            var report = Report(plans)
            report.imported = try await PgCronImport.write(plans, keepsNumbers: true, connection)
            return report
        }
    }

    private func copy(to target: PostgresConnection) async throws -> Report {
        let origin = try await PostgresConnection.connect(sourceConfiguration)
        let plans = try await PgCronImport.sources(origin).map(PgCronImport.plan)
        _ = try await migrate(target)
        let report = try await target.transaction { connection in
            var report = Report(plans)
            report.imported = try await PgCronImport.write(plans, keepsNumbers: false, connection)
            // Committed there just before here: for a moment nobody runs them, but never both.
            _ = try await origin.query(
                "UPDATE cron.job SET active = false WHERE jobid = ANY ($1)",
                [.int8Array(plans.filter { $0.schedule != nil }.map(\.source.id))],
            )
            return report
        }
        await origin.close()
        return report
    }

    /// As `activityd migrate`: what a superuser imports belongs to the daemon's role.
    private func migrate(_ target: PostgresConnection) async throws -> Roles {
        let roles = Roles(sql)
        _ = try await roles.create(target)
        _ = try await roles.asOwner(target) { try await DaemonSchema(sql: sql).migrate($0) }
        return roles
    }

    private var sourceConfiguration: PostgresConfiguration {
        source.map(PostgresConfiguration.init(connectionString:)) ?? configuration.postgres
    }
}

extension ImportPgCronCommand.Report {
    fileprivate init(_ plans: [PgCronImport.Plan]) {
        jobs = plans.map { plan in
            Job(
                id: plan.source.id,
                name: plan.source.name,
                schedule: plan.schedule?.text ?? plan.source.schedule,
                database: plan.source.database,
                role: plan.source.role,
                active: plan.source.isActive,
                canBeImported: plan.schedule != nil,
                warnings: plan.warnings + Self.warnings(of: plan.source),
            )
        }
    }

    private static func warnings(of source: PgCronImport.Source) -> [String] {
        guard source.isActive, let ours = Predecessor.successor(of: source.command) else { return [] }
        return ["the daemon's job \(ours.rawValue) does this by itself: unschedule it, here or there"]
    }
}

/// The extension would have to go first, and nobody has said that it may.
package struct ImportRefusedError: Error, CustomStringConvertible {
    package let description =
        "the extension pg_cron occupies schema \"cron\" of this database: --replace-extension drops it in the same "
        + "transaction, --dry-run only looks"
}
