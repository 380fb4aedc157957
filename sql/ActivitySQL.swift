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
                Migration(version: 3, name: "views", script: text(PackageResources._003_views_sql)),
                Migration(version: 4, name: "functions", script: text(PackageResources._004_functions_sql)),
                Migration(version: 5, name: "drift", script: text(PackageResources._005_drift_sql)),
                Migration(version: 6, name: "archive", script: text(PackageResources._006_archive_sql)),
                Migration(version: 7, name: "alerts", script: text(PackageResources._007_alerts_sql)),
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

    /// Where detection stands; `sql/detection/position.sql`.
    package var detectionPosition: String { text(PackageResources.position_sql) }
    /// Stores what detectors know; `sql/detection/remember.sql`.
    package var rememberDetection: String { text(PackageResources.remember_sql) }
    /// The history of the volume detector; `sql/detection/volume.sql`.
    package var volumeHistory: String { text(PackageResources.volume_sql) }
    /// The history of sign-ins; `sql/detection/logins.sql`.
    package var loginHistory: String { text(PackageResources.logins_sql) }
    /// The history of addresses and users by hour; `sql/detection/entities.sql`.
    package var entityHistory: String { text(PackageResources.entities_sql) }
    /// Writes alerts and their events; `sql/alerts/record.sql`.
    package var recordAlerts: String { text(PackageResources.record_sql) }

    /// Takes note of runs that failed or were missed; `sql/operations/runs.sql`.
    package var noticeRuns: String { text(PackageResources.runs_sql) }
    /// Jobs that go on failing; `sql/operations/failing.sql`.
    package var failingJobs: String { text(PackageResources.failing_sql) }
    /// How long ago the feed succeeded; `sql/operations/feed_age.sql`.
    package var feedAge: String { text(PackageResources.feed_age_sql) }
    /// Takes note of drift; `sql/operations/drift.sql`.
    package var noticeDrift: String { text(PackageResources.drift_sql) }

    /// Finds the next rows to copy; `sql/archive/batch.sql`.
    package var archiveBatch: String { text(PackageResources.batch_sql) }
    /// Copies rows; `sql/archive/copy.sql`.
    package var copyToArchive: String { text(PackageResources.copy_sql) }

    /// Chooses hours to recount; `sql/reconcile/hours.sql`.
    package var hoursToReconcile: String { text(PackageResources.bounds_sql, PackageResources.hours_sql) }
    /// Finds hours that drifted; `sql/reconcile/find.sql`.
    package var findDrift: String { comparison + text(PackageResources.find_sql) }
    /// Repairs hours that drifted, under the feed's lock; `sql/reconcile/repair.sql`.
    package var repairDrift: String { comparison + text(PackageResources.repair_sql) }

    private var comparison: String { text(PackageResources.bounds_sql, PackageResources.compare_sql) }

    /// Lets the daemon's role read Directus's table; `sql/roles/daemon.sql`.
    package var grantDaemon: String { text(PackageResources.daemon_sql) }
    /// Lets the reader's role read; `sql/roles/reader.sql`.
    package var grantReader: String { text(PackageResources.reader_sql) }
    /// What the statistics say of tables; `sql/maintenance/tables.sql`.
    package var tableStatistics: String { text(PackageResources.tables_sql) }
    /// How full indexes are; `sql/maintenance/indexes.sql`.
    package var indexStatistics: String { text(PackageResources.indexes_sql) }

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

    /// Files that go on from one another make one statement.
    private func text(_ resources: [UInt8]...) -> String {
        self(resources.map { String(decoding: $0, as: UTF8.self) }.joined())
    }
}
