package import Cron
package import Detection
package import Endpoint
package import Logging
package import Pipeline
package import Scheduling

/// Everything that can be configured, typed; the initial values here are the defaults.
///
/// ``ConfigurationKey/all`` has one entry for each of these values. ``load(path:environment:workingDirectory:flags:)``
/// is the only one that fills them from outside.
package struct DaemonConfiguration: Sendable, Hashable {
    package var database = Database()
    package var directus = Directus()
    package var redis = Redis()
    package var http = HTTP()
    package var windows = Windows()
    package var jobs = Jobs()
    package var scheduler = Scheduler()
    package var retention = Retention()
    package var feed = Feed()
    package var detection = DetectionSettings()
    package var alerts = Alerts()
    package var log = Log()

    /// Where each value came from, by key name; a key that is absent has its default.
    package internal(set) var origins: [String: ConfigurationOrigin] = [:]
    /// What the operator should know although it stops nothing, such as a variable without effect.
    package internal(set) var notes: [String] = []

    package init() {}
}

extension DaemonConfiguration {
    package struct Database: Sendable, Hashable {
        /// A libpq URI or keywords; empty leaves everything to libpq.
        package var url: Secret = ""
        /// Replaces the password in `url` unless empty.
        package var password: Secret = ""
        /// The same as `url` for a streaming replica, with its own password; empty for none.
        package var readURL: Secret = ""
        package var schema = "activity"
    }

    package struct Directus: Sendable, Hashable {
        package var schema = "public"
    }

    package struct Redis: Sendable, Hashable {
        package var url: Secret = "redis://127.0.0.1:6379"
        /// Replaces the password in `url` unless empty.
        package var password: Secret = ""
        package var prefix = "activity:"
    }

    package struct HTTP: Sendable, Hashable {
        package var listen = ListenPlace.address(.standard)
        /// Where metrics are; nil for nowhere.
        package var adminListen: ListenPlace? = .address(.standardAdmin)
        /// Of sockets in the file system.
        package var socketMode = FileMode(0o660)
        /// Whether an address that others reach may be served without tokens.
        package var allowAnonymous = false
        /// Those who may do something; none leaves everything open.
        package var tokens: [AccessGrant] = []
        package var rules = HTTP.standardRules

        /// Reading costs next to nothing and is not counted; what makes others work is, far above what is usual.
        private static var standardRules: AccessRules {
            var rules = AccessRules()
            rules.requestsPerMinute.ingest = 6000
            rules.requestsPerMinute.admin = 60
            return rules
        }
    }

    /// The windows that are rendered ahead, each list ascending and without duplicates.
    package struct Windows: Sendable, Hashable {
        package var days = [1, 7, 14, 30, 90]
        package var hours = [24, 48, 168]
        package var alertHours = [1, 6, 24]
    }

    /// The daemon's own jobs; those of people are rows of `cron.job`.
    package struct Jobs: Sendable, Hashable {
        private var changed: [BuiltInJob: Job] = [:]

        package subscript(job: BuiltInJob) -> Job {
            get { changed[job] ?? job.defaults }
            set { changed[job] = newValue }
        }
    }

    package struct Job: Sendable, Hashable {
        package var schedule: CronSchedule
        /// Empty for the scheduler's.
        package var timeZone = ""
        package var isEnabled = true
        /// In seconds; 0 for no limit.
        package var timeout = 0
        package var catchUp = JobPolicy.CatchUp.latest
        package var overlap = JobPolicy.Overlap.skip
        package var retries = 0

        init(schedule: CronSchedule) {
            self.schedule = schedule
        }
    }

    package struct Scheduler: Sendable, Hashable {
        /// Of jobs that name none.
        package var timeZone = "UTC"
        /// Commands of people that run at a time.
        package var concurrency = 16
        package var roleSwitch = JobSessions.RoleSwitch.member
    }

    package struct Retention: Sendable, Hashable {
        /// In days.
        package var runs = 7
        package var facts = FactRetention.keep
        /// In days.
        package var alerts = 90
    }

    package struct Alerts: Sendable, Hashable {
        /// Events that the stream in Redis holds.
        package var streamLength = 100_000
        /// In seconds.
        package var heartbeat = 60
    }

    package struct Feed: Sendable, Hashable {
        /// How many rows one transaction reads at most.
        package var batchSize = 100_000
    }

    package struct Log: Sendable, Hashable {
        package enum Format: String, Sendable, CaseIterable {
            /// The journal where standard error is connected to it, else text.
            case automatic
            case text
            case json
            case journal
        }

        package var level = Logger.Level.info
        package var format = Format.automatic
    }
}
