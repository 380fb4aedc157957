extension ConfigurationKey {
    /// Every key there is. A new one is a line here and a field in ``DaemonConfiguration``.
    package static let all = general + detection + jobs

    /// All but those of detection and of the single jobs.
    static let general = basics + access + work

    private static let basics: [ConfigurationKey] = [
        .init("database.url", \.database.url, .databaseURL, isSecret: true, "Where PostgreSQL is"),
        .init("database.password", \.database.password, .password, isSecret: true, "Replaces that of database.url"),
        .init(
            "database.readUrl",
            \.database.readURL,
            .replicaURL,
            isSecret: true,
            "Where a streaming replica for reading is, with its own password",
        ),
        .init("database.schema", \.database.schema, .schemaName, "The schema that belongs to the daemon"),
        .init("directus.schema", \.directus.schema, .schemaName, "The schema with the tables of Directus"),
        .init("redis.url", \.redis.url, .redisURL, isSecret: true, "Where Redis is"),
        .init("redis.password", \.redis.password, .password, isSecret: true, "Replaces that of redis.url"),
        .init("redis.prefix", \.redis.prefix, .redisPrefix, "What all keys and channels of the daemon begin with"),
        .init("http.listen", \.http.listen, .listenPlace, "Where the HTTP server listens"),
        .init(
            "http.adminListen",
            \.http.adminListen,
            .optionalListenPlace,
            "Where it serves metrics, beside health and what changes something",
        ),
        .init("http.socketMode", \.http.socketMode, .fileMode, "Permissions of sockets in the file system"),
        .init(
            "http.allowAnonymous",
            \.http.allowAnonymous,
            .boolean,
            "Whether to serve others than this machine without tokens",
        ),
        .init("http.tokens", \.http.tokens, .accessTokens, isSecret: true, "Who may do what; none for everybody"),
    ]

    private static let work: [ConfigurationKey] = [
        .init("windows.days", \.windows.days, .wholeNumbers(each: 1...366), "Windows rendered ahead, in days"),
        .init(
            "windows.hours",
            \.windows.hours,
            .wholeNumbers(each: 1...744),
            "Hourly series rendered ahead, in hours",
        ),
        .init(
            "windows.alertHours",
            \.windows.alertHours,
            .wholeNumbers(each: 1...24),
            "Alerts rendered ahead, in hours",
        ),
        .init("scheduler.timezone", \.scheduler.timeZone, .timeZone, "Whose wall clock jobs mean that name no zone"),
        .init(
            "scheduler.concurrency",
            \.scheduler.concurrency,
            .wholeNumber(1...1000),
            "Commands of cron.job that run at a time",
        ),
        .init(
            "scheduler.switchRole",
            \.scheduler.roleSwitch,
            .name,
            "Whether the daemon's role stands in by SET ROLE for roles that cannot connect",
        ),
        .init("retention.runs", \.retention.runs, .wholeNumber(1...3650), "Days that the history of jobs is kept"),
        .init(
            "retention.facts",
            \.retention.facts,
            .factRetention,
            "How long facts are kept: for ever, as long as their rows in directus_activity, or so many days",
        ),
        .init(
            "retention.alerts",
            \.retention.alerts,
            .wholeNumber(1...3650),
            "Days that alerts which have ended, their events and reported sign-ins are kept",
        ),
        .init(
            "alerts.streamLength",
            \.alerts.streamLength,
            .wholeNumber(1_000...10_000_000),
            "Events of alerts that the stream in Redis holds",
        ),
        .init(
            "alerts.heartbeat",
            \.alerts.heartbeat,
            .wholeNumber(1...3600),
            "Seconds between two heartbeats on the channel of alerts",
        ),
        .init(
            "feed.batchSize",
            \.feed.batchSize,
            .wholeNumber(1_000...1_000_000),
            "Rows read in one transaction at most",
        ),
        .init("log.level", \.log.level, .name, "The least important messages that are logged"),
        .init(
            "log.format",
            \.log.format,
            .name,
            "How messages are written; automatic: to the journal when standard error is connected to it, else as text",
        ),
    ]

    /// The same by dotted name.
    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The same by environment variable.
    static let byVariable = Dictionary(uniqueKeysWithValues: all.map { ($0.variable, $0) })
}
