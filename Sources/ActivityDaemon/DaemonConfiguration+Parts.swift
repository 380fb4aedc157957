import Activity
import ActivitySQL
import Cron
import Endpoint
import Pipeline
import PostgresClient
import RedisClient
import Scheduling

/// What the parts of the daemon take from the configuration.

extension DaemonConfiguration {
    /// How to connect to PostgreSQL.
    var postgres: PostgresConfiguration {
        var postgres = PostgresConfiguration(connectionString: database.url.revealed)
        if !database.password.isEmpty { postgres.password = database.password.revealed }
        postgres.sessionSettings = [
            // The feed's statement has many short steps; compiling them takes ten times as long as running them.
            "jit": "off",
            // What was fed is told to readers, so it must survive a crash of the server.
            "synchronous_commit": "on",
        ]
        return postgres
    }

    /// How to connect to the replica; nil without one.
    var replica: PostgresConfiguration? {
        guard !database.readURL.isEmpty else { return nil }
        var replica = PostgresConfiguration(connectionString: database.readURL.revealed)
        replica.sessionSettings = ["jit": "off"]
        // The primary is there to be read instead, and readers wait.
        replica.connectTimeout = .seconds(2)
        return replica
    }

    /// How to connect to PostgreSQL for whoever reads alerts over HTTP: few at a time, and apart from what feeds.
    var alertReading: PostgresConfiguration {
        var reading = postgres
        reading.maximumConnections = 2
        reading.connectTimeout = .seconds(3)
        reading.statementTimeout = .seconds(5)
        return reading
    }

    /// How to connect to Redis.
    var redisConnection: RedisConfiguration {
        get throws(RedisError) {
            var connection = try RedisConfiguration(url: redis.url.revealed)
            if !redis.password.isEmpty { connection.password = redis.password.revealed }
            return connection
        }
    }
}

extension AccessControl {
    /// The configured tokens. Where others than this machine listen without leave, a reload must not open everything.
    convenience init(_ configuration: DaemonConfiguration, _ listeners: ListenerPlan) {
        let http = configuration.http
        self.init(http.tokens, needsTokens: listeners.isReachedByOthers && !http.allowAnonymous)
    }
}

extension Publisher {
    /// Documents in Redis outlive the last daemon by so many refresh intervals.
    private static let intervalsToLive = 6

    /// A publisher under the configured prefix.
    ///
    /// - Parameters:
    ///   - redis: the connection to write on.
    ///   - configuration: as it is now; the prefix stays what it is first.
    init(_ redis: RedisClient, _ configuration: @escaping @Sendable () -> DaemonConfiguration) {
        self.init(
            redis,
            prefix: configuration().redis.prefix,
            timeToLive: { configuration().jobs[.precompute].longestPause * Self.intervalsToLive },
        )
    }
}

extension Maintenance.Retention {
    /// What is kept, as it is configured.
    init(_ configuration: DaemonConfiguration) {
        let days = configuration.retention
        self.init(
            runs: .seconds(days.runs * 86_400),
            facts: days.facts,
            alerts: .seconds(days.alerts * 86_400),
            newestEvents: Int64(configuration.alerts.streamLength),
        )
    }
}

extension Relay.Settings {
    /// The relay as it is configured, by the wall clock.
    init(_ configuration: DaemonConfiguration, begins: Gate) {
        self.init(
            prefix: configuration.redis.prefix,
            source: Relay.source(schema: configuration.database.schema),
            streamLength: Int64(configuration.alerts.streamLength),
            heartbeat: .seconds(configuration.alerts.heartbeat),
            begins: begins,
            now: { Clock.now },
        )
    }
}

extension Precompute.Settings {
    /// The configured windows, by the wall clock.
    init(_ configuration: DaemonConfiguration, begins: Gate) {
        self.init(
            windows: Windows(
                days: configuration.windows.days,
                hours: configuration.windows.hours,
                alertHours: configuration.windows.alertHours,
            ),
            begins: begins,
            now: { Clock.now },
        )
    }
}

extension DaemonConfiguration.Job {
    /// The longest time between two of the next slots, in the zone of UTC: what readers have to reckon with.
    var longestPause: Duration {
        if let interval = schedule.interval { return .seconds(interval) }
        var slot = NominalTime(secondsSince1970: Clock.now.microseconds / 1_000_000)
        var longest = Int64(0)
        for index in 0..<100 {
            guard let next = schedule.next(after: slot, in: .utc) else { break }
            if index > 0 { longest = max(longest, next.secondsSince1970 - slot.secondsSince1970) }
            slot = next
        }
        return .seconds(longest)
    }
}

extension Scheduler.Settings {
    /// The scheduler as it is configured.
    init(
        _ configuration: DaemonConfiguration,
        _ sql: ActivitySQL,
        builtIn: @escaping @Sendable () -> [Job],
        pulse: Pulse,
        prepare: @escaping @Sendable () async throws -> Void,
    ) {
        self.init(
            postgres: configuration.postgres,
            sql: sql,
            builtIn: builtIn,
            timeZone: configuration.scheduler.timeZone,
            concurrency: configuration.scheduler.concurrency,
            roleSwitch: configuration.scheduler.roleSwitch,
            pulse: pulse,
            prepare: prepare,
        )
    }
}
