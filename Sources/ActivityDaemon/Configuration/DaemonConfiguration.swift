package import Logging

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
    package var feed = Feed()
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
        package var listen = ListenAddress.standard
        /// Whether an address that others reach may be served without tokens.
        package var allowAnonymous = false
    }

    /// The windows that are rendered ahead, each list ascending and without duplicates.
    package struct Windows: Sendable, Hashable {
        package var days = [1, 7, 14, 30, 90]
        package var hours = [24, 48, 168]
        package var alertHours = [1, 6, 24]
    }

    package struct Jobs: Sendable, Hashable {
        package var ingest = Job(schedule: .seconds(2))
        package var precompute = Job(schedule: .seconds(10))
    }

    package struct Job: Sendable, Hashable {
        /// The time from one start to the next.
        package var schedule: Duration
    }

    package struct Feed: Sendable, Hashable {
        /// How many rows one transaction reads at most.
        package var batchSize = 100_000
    }

    package struct Log: Sendable, Hashable {
        package enum Format: String, Sendable, CaseIterable {
            case text
            case json
        }

        package var level = Logger.Level.info
        package var format = Format.text
    }
}
