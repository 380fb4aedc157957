import Activity
import ActivitySQL
import Endpoint
package import Logging
import NIOPosix
import Pipeline
import PostgresClient
import RedisClient
import Scheduling
import ServiceLifecycle
package import Systemd
import UnixSignals

/// The daemon: everything wired from a configuration, in the order in which it starts.
///
/// Services stop in reverse order, so the endpoint answers what is in flight while the rest still runs.
package struct Daemon: Sendable {
    private let services: [any Service]
    private let notices: ServiceNotices
    private let logger: Logger

    /// How long services may take to end before they are cancelled: ten seconds for answers, five for runs, and some to
    /// write their ends down. Shorter than systemd's TimeoutStopSec.
    private static let gracefulShutdown = Duration.seconds(20)

    /// A daemon that is ready to run.
    ///
    /// - Parameters:
    ///   - configuration: how it is set up.
    ///   - logger: where it writes.
    ///   - level: the level of its loggers; a reload changes it.
    ///   - sockets: handed over by the service manager.
    ///   - reload: reads the configuration again; called on SIGHUP.
    /// - Throws: `RedisError` or `PostgresError` when where a server is cannot be understood, `HandedSocketRefusal`.
    package init(
        _ configuration: DaemonConfiguration,
        _ logger: Logger,
        level: LiveLogLevel,
        sockets: [HandedSocket] = [],
        reload: @escaping @Sendable () throws -> DaemonConfiguration,
    ) throws {
        let sql = ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema)
        let health = HealthBoard()
        let metrics = Metrics(health: { health.report() })
        let log = PipelineLog(logger)
        let schedulerLog = SchedulerLog(logger)
        let observe: @Sendable (PipelineObservation) -> Void = { observation in
            health.record(observation)
            metrics.record(observation)
            log.record(observation)
        }
        let group = MultiThreadedEventLoopGroup.singleton
        let notices = ServiceNotices()
        let vitals = Vitals(feed: Pulse(), scheduler: Pulse(), eventLoops: EventLoopProbe(group))
        try configuration.postgres.validate()
        try configuration.replica?.validate()
        let postgres = PostgresClient(configuration.postgres)
        let servers = DatabaseServers(
            primary: postgres,
            replica: configuration.replica.map(PostgresClient.init),
            sql,
            observe: observe,
        )
        let redis = RedisClient(try configuration.redisConnection, eventLoopGroup: group)
        let snapshots = SnapshotStore()
        let caughtUp = Gate()
        let hasSchema = Gate()
        let (schemaRefusals, schemaRefusal) = AsyncStream.makeStream(of: MigrationError.self)
        let (alertChanges, alertChange) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let relay = Relay(
            postgres,
            sql,
            redis,
            settings: Relay.Settings(configuration, begins: hasSchema),
            observe: { observation in
                observe(observation)
                if case .relayed = observation { alertChange.yield() }
            },
        )
        let relayWhatIsDetected: @Sendable (PipelineObservation) -> Void = { observation in
            observe(observation)
            if case .detected(let outcome) = observation, outcome.hasEvents { relay.wake() }
        }
        let current = CurrentConfiguration(configuration)
        let feeder = Feeder(
            postgres,
            sql,
            batchSize: configuration.feed.batchSize,
            detection: FeedDetection(sql, settings: { current.value.detection }),
            caughtUp: caughtUp,
            pulse: vitals.feed,
            observe: relayWhatIsDetected,
        )
        let watch = OperationsWatch(
            postgres,
            sql,
            settings: { current.value.detection },
            feedPause: { current.value.jobs[.ingest].isEnabled ? current.value.jobs[.ingest].longestPause : nil },
            begins: caughtUp,
            observe: relayWhatIsDetected,
        )
        let precompute = Precompute(
            servers,
            sql,
            snapshots: snapshots,
            publisher: Publisher(redis, { current.value }),
            settings: Precompute.Settings(configuration, begins: caughtUp),
            observe: observe,
        )
        let listeners = try ListenerPlan(configuration, sockets)
        let access = AccessControl(configuration, listeners)
        let authEvents = AuthEventStore(sql)
        var actions = EndpointActions(
            health: { health.report() },
            warmCache: { try await precompute.refresh() },
            clearCache: { try await precompute.clearAndRefresh() },
            storeAuthEvents: { events in try await postgres.withConnection { try await authEvents.add(events, $0) } },
            alerts: AlertSource(PostgresClient(configuration.alertReading), sql, changes: alertChanges),
        )
        actions.runJob = JobRequests(postgres: postgres, sql: sql, configuration: { current.value }).request
        actions.metrics = metrics.text
        let requestLog = RequestLog(logger)
        let endpoint = EndpointServer(
            configuration: EndpointConfiguration(
                listeners: listeners.listeners,
                refreshInterval: configuration.jobs[.precompute].longestPause,
                rules: configuration.http.rules,
            ),
            snapshots: snapshots,
            actions: actions,
            access: access,
            eventLoopGroup: group,
            now: { Clock.now },
            observe: { observation in
                metrics.record(observation)
                requestLog.record(observation)
            },
        )
        let builtIn = BuiltInJobs(
            servers: servers,
            sql: sql,
            feeder: feeder,
            precompute: precompute,
            caughtUp: caughtUp,
            observe: observe,
        )
        let scheduler = Scheduler(
            Scheduler.Settings(
                configuration,
                sql,
                builtIn: { builtIn.jobs(current.value) },
                pulse: vitals.scheduler,
                prepare: {
                    for step in try await postgres.withConnection({ try await DaemonSchema(sql: sql).migrate($0) }) {
                        let (version, name) = (step.migration.version, step.migration.name)
                        observe(.migrated(schema: step.schema, version: version, name: name))
                    }
                    hasSchema.open()
                },
            ),
            observe: { observation in
                health.record(observation)
                metrics.record(observation)
                schedulerLog.record(observation)
                if case .interrupted(let error as MigrationError, _) = observation, error.isFinal {
                    schemaRefusal.yield(error)
                }
            },
        )
        services = [
            StatusService(
                endpoint: endpoint,
                scheduler: scheduler,
                redis: redis,
                snapshots: snapshots,
                health: health,
                vitals: vitals,
                notices: notices,
                logger: logger,
            ),
            WatchdogService(
                vitals: vitals,
                interval: ServiceManager.watchdogInterval,
                notices: notices,
                health: health,
                logger: logger,
            ),
            RedisService(redis: redis),
            relay,
            scheduler,
            precompute,
            watch,
            SamplingService(postgres: postgres, sql: sql, begins: hasSchema, metrics: metrics),
            FirstRunService(
                postgres: postgres,
                sql: sql,
                feeder: feeder,
                current: current,
                hasSchema: hasSchema,
                caughtUp: caughtUp,
                logger: logger,
            ),
            SchemaRefusalService(refusals: schemaRefusals),
            EndpointService(endpoint: endpoint),
            ReloadService(
                current: current,
                access: access,
                endpoint: endpoint,
                load: reload,
                scheduler: scheduler,
                level: level,
                health: health,
                notices: notices,
                logger: logger,
            ),
            StopNoticeService(notices: notices, logger: logger),
        ]
        self.notices = notices
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, or until a service fails for good.
    ///
    /// - Throws: what the service threw.
    package func run() async throws {
        DescriptorLimit.raise()
        var configuration = ServiceGroupConfiguration(
            // The others end in order, as at SIGTERM.
            services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger.quieter,
        )
        configuration.maximumGracefulShutdownDuration = Self.gracefulShutdown
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            // Stays in `systemctl status` until the next start.
            notices.tell { $0.stop("failed: \(error)") }
            throw error
        }
    }
}

extension Logger {
    /// For libraries whose informational lines are not the operator's business.
    fileprivate var quieter: Logger {
        var logger = self
        if logLevel < .warning && logLevel > .debug { logger.logLevel = .warning }
        return logger
    }
}
