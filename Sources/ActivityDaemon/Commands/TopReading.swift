package import Pipeline

/// What `activityd top` shows of one moment.
package struct TopReading: Sendable, Encodable {
    /// How far the feed has come, as PostgreSQL has it.
    package struct Feed: Sendable, Encodable {
        /// Rows in the facts.
        package var rows: Int64
        /// Ids in `directus_activity` beyond the last that was fed; no fewer than rows to come.
        package var behind: Int64
        /// Since the feed last succeeded; nil when its job is paused or has never run.
        package var idleSeconds: Double?
    }

    /// Questions to documents since the daemon started.
    package struct Requests: Sendable, Codable {
        package var hits: Int64
        package var misses: Int64
        /// As `94.47%`.
        package var hitRate: String
    }

    /// RFC 3339, as all times here.
    package var time: String
    /// When it was read; for rates.
    var instant: ContinuousClock.Instant
    /// The daemon's own word; nil when none of its listeners answers.
    package var health: DaemonHealth?
    /// Nil also when reading wants a token.
    package var requests: Requests?
    package var feed: Feed?
    package var jobs: [JobsCommand.Listing] = []
    /// Those that are not resolved, the newest first.
    package var alerts: [AlertCatalog.Alert] = []
    /// What could not be read, and why.
    package var troubles: [String] = []
    /// What a program that shows it once ends with.
    package var exitStatus = ExitStatus.success

    private enum CodingKeys: CodingKey {
        case time, health, requests, feed, jobs, alerts, troubles
    }
}
