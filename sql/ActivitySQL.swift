/// The SQL of this folder, compiled into the program, for the schemas of one installation.
///
/// Placeholders are psql's variables, so that a DBA can run any file with
/// `psql -v schema=activity -v source=public -f FILE`.
package struct ActivitySQL: Sendable {
    /// The schema that the daemon owns.
    package let schema: String
    /// The schema that holds `directus_activity`.
    package let source: String

    /// The SQL for the daemon's own schema and for Directus's.
    package init(schema: String = "activity", source: String = "public") {
        self.schema = schema
        self.source = source
    }

    /// A step of the schema, applied once and in order.
    package struct Migration: Sendable {
        /// 1 and up, without gaps: the number at the start of the file's name.
        package let version: Int32
        /// The rest of the file's name.
        package let name: String
        /// The statements; they run in one transaction.
        package let script: String
    }

    /// A schema and the steps that make it.
    package struct MigrationSet: Sendable {
        /// The schema.
        package let schema: String
        /// All steps in the order in which they are applied.
        package let migrations: [Migration]

        /// A set from its parts.
        package init(schema: String, migrations: [Migration]) {
            self.schema = schema
            self.migrations = migrations
        }
    }

    /// The daemon's own schema.
    package var ownSchema: MigrationSet {
        MigrationSet(
            schema: schema,
            migrations: [
                Migration(version: 1, name: "roll_up", script: text(PackageResources._001_roll_up_sql)),
                Migration(version: 2, name: "jobs", script: text(PackageResources._002_jobs_sql)),
                Migration(version: 3, name: "archive", script: text(PackageResources._003_archive_sql)),
            ],
        )
    }

    /// The schema `cron`, in which people keep their jobs.
    package var cronSchema: MigrationSet {
        MigrationSet(
            schema: "cron",
            migrations: [
                Migration(version: 1, name: "surface", script: text(PackageResources._001_surface_sql)),
                Migration(version: 2, name: "run_details", script: text(PackageResources._002_run_details_sql)),
            ],
        )
    }

    /// Takes the feed's lock; `sql/feed/lock.sql`.
    package var lockFeed: String { text(PackageResources.lock_sql) }
    /// Lists transactions with rows to come; `sql/feed/holders.sql`.
    package var holders: String { text(PackageResources.holders_sql) }
    /// Makes the partitions for a batch; `sql/feed/partitions.sql`.
    package var ensurePartitions: String { text(PackageResources.partitions_sql) }
    /// Moves a batch into the facts; `sql/feed/ingest.sql`.
    package var ingest: String { text(PackageResources.ingest_sql) }

    /// Finds the next rows to copy; `sql/archive/batch.sql`.
    package var archiveBatch: String { text(PackageResources.batch_sql) }
    /// Copies rows; `sql/archive/copy.sql`.
    package var copyToArchive: String { text(PackageResources.copy_sql) }

    /// Chooses hours to recount, under the feed's lock; `sql/reconcile/hours.sql`.
    package var hoursToReconcile: String { text(PackageResources.hours_sql) }
    /// Makes the table that a recount fills; `sql/reconcile/prepare.sql`.
    package var prepareRecount: String { text(PackageResources.prepare_sql) }
    /// Finds hours that drifted; `sql/reconcile/drift.sql`.
    package var findDrift: String { text(PackageResources.drift_sql) }
    /// Numbers new members; `sql/reconcile/dimensions.sql`.
    package var addDimensions: String { text(PackageResources.dimensions_sql) }
    /// Forgets hours; `sql/reconcile/forget.sql`.
    package var forgetHours: String { text(PackageResources.forget_sql) }
    /// Writes hours anew; `sql/reconcile/restore.sql`.
    package var restoreHours: String { text(PackageResources.restore_sql) }

    /// The name of the source table, for `regclass`.
    package var sourceTable: String { Self.identifier(source) + ".directus_activity" }

    /// The sequence that generations are numbered from, for `regclass`.
    package var generations: String { Self.identifier(schema) + ".generation" }

    /// Fills in `:"schema"` and `:"source"` of a statement.
    package func callAsFunction(_ statement: String) -> String {
        var filled = ""
        var rest = Substring(statement)
        while let colon = rest.firstIndex(of: ":") {
            filled += rest[..<colon]
            rest = rest[colon...]
            if let (placeholder, value) = placeholders.first(where: { rest.hasPrefix($0.0) }) {
                filled += value
                rest.removeFirst(placeholder.count)
            } else {
                filled.append(rest.removeFirst())
            }
        }
        return filled + rest
    }

    /// An identifier in quotes, whatever it contains.
    package static func identifier(_ name: String) -> String {
        "\"" + name.flatMap { $0 == "\"" ? "\"\"" : String($0) } + "\""
    }

    private var placeholders: [(String, String)] {
        [
            (":\"schema\"", Self.identifier(schema)),
            (":\"source\"", Self.identifier(source)),
        ]
    }

    private func text(_ resource: [UInt8]) -> String {
        self(String(decoding: resource, as: UTF8.self))
    }
}
