import Activity
import Pipeline
import PostgresClient
import RedisClient

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

    /// How to connect to Redis.
    var redisConnection: RedisConfiguration {
        get throws(RedisError) {
            var connection = try RedisConfiguration(url: redis.url.revealed)
            if !redis.password.isEmpty { connection.password = redis.password.revealed }
            return connection
        }
    }
}

extension Publisher {
    /// Documents in Redis outlive the last daemon by so many refresh intervals.
    private static let intervalsToLive = 6

    /// A publisher under the configured prefix.
    init(_ redis: RedisClient, _ configuration: DaemonConfiguration) {
        self.init(
            redis,
            prefix: configuration.redis.prefix,
            timeToLive: configuration.jobs.precompute.schedule * Self.intervalsToLive,
        )
    }
}

extension Precompute.Settings {
    /// The configured windows and interval, by the wall clock.
    init(_ configuration: DaemonConfiguration, begins: Gate) {
        self.init(
            windows: Windows(
                days: configuration.windows.days,
                hours: configuration.windows.hours,
                alertHours: configuration.windows.alertHours,
            ),
            interval: configuration.jobs.precompute.schedule,
            begins: begins,
            now: { Clock.now },
        )
    }
}
