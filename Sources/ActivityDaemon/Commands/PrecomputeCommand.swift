import Activity
import ActivitySQL
import Pipeline
import PostgresClient
import RedisClient

/// `activityd precompute --once`: feeds what is there, computes one generation, and publishes it.
package struct PrecomputeCommand: Sendable {
    private let configuration: DaemonConfiguration

    /// What was done, in rows and seconds.
    package struct Report: Sendable, Encodable {
        /// Rows fed by this run.
        package var rows = 0
        /// Rows fed since the first run.
        package var totalRows: Int64 = 0
        /// The number of the generation.
        package var generation: Int64 = 0
        /// Documents rendered.
        package var documents = 0
        /// Time for feeding.
        package var feed = 0.0
        /// Time for reading facts.
        package var load = 0.0
        /// Time for computing and rendering.
        package var render = 0.0
        /// Time for writing to Redis.
        package var publish = 0.0
    }

    /// A command for a configuration.
    package init(_ configuration: DaemonConfiguration) {
        self.configuration = configuration
    }

    /// Does all of it once. A daemon that is feeding at the same time shares the work.
    ///
    /// - Parameter progress: told after each batch how many rows were fed and which share of the ids has been passed.
    /// - Returns: what was done.
    /// - Throws: `PostgresError`, `RedisError`, `MigrationError`, `SourceTableError`.
    package func run(progress: @escaping @Sendable (_ rows: Int, _ share: Double) -> Void) async throws -> Report {
        let configuration = configuration
        return try await withRedis(try configuration.redisConnection) { redis in
            let parts = Parts(configuration, redis)
            let start = ContinuousClock.now
            var report = try await parts.feed(progress)
            report.feed = start.duration(to: .now).seconds
            try await parts.refresh(&report)
            await parts.postgres.close()
            return report
        }
    }
}

private struct Parts: Sendable {
    let configuration: DaemonConfiguration
    let sql: ActivitySQL
    let postgres: PostgresClient
    let redis: RedisClient

    /// Another daemon holds the feed's lock for the time of one batch.
    private static let pauseWhileBusy = Duration.milliseconds(50)

    init(_ configuration: DaemonConfiguration, _ redis: RedisClient) {
        self.configuration = configuration
        self.redis = redis
        sql = ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema)
        postgres = PostgresClient(configuration.postgres)
    }

    func feed(_ progress: @Sendable (Int, Double) -> Void) async throws -> PrecomputeCommand.Report {
        try await postgres.withConnection { connection in
            _ = try await DaemonSchema(sql: sql).migrate(connection)
            try await SourceTable(sql).check(connection)
        }
        let detection = FeedDetection(sql, settings: { [configuration] in configuration.detection })
        let feed = Feed(sql, batchSize: configuration.feed.batchSize, detection: detection)
        var report = PrecomputeCommand.Report()
        while true {
            guard case .batch(let batch) = try await postgres.withConnection({ try await feed.ingest($0) }) else {
                // Whoever skips a locked row is not told when it is free, so ask again.
                try await Task.sleep(for: Self.pauseWhileBusy)
                continue
            }
            report.rows += batch.rows
            report.totalRows = batch.totalRows
            progress(report.rows, Double(max(0, batch.lastID)) / Double(max(1, batch.newestID ?? 1)))
            guard batch.hasMore else { return report }
        }
    }

    func refresh(_ report: inout PrecomputeCommand.Report) async throws {
        let (observations, continuation) = AsyncStream<PipelineObservation>.makeStream()
        let caughtUp = Gate()
        caughtUp.open()
        let observe: @Sendable (PipelineObservation) -> Void = { continuation.yield($0) }
        let precompute = Precompute(
            DatabaseServers(primary: postgres, sql, observe: observe),
            sql,
            snapshots: SnapshotStore(),
            publisher: Publisher(redis, { configuration }),
            settings: Precompute.Settings(configuration, begins: caughtUp),
            observe: observe,
        )
        try await precompute.refresh()
        continuation.finish()
        for await observation in observations { try report.add(observation) }
    }
}

extension PrecomputeCommand.Report {
    fileprivate mutating func add(_ observation: PipelineObservation) throws {
        switch observation {
        case .refreshed(let refresh):
            generation = refresh.generation.number
            documents = refresh.documents
            load = refresh.load.seconds
            render = refresh.render.seconds
        case .published(_, let duration): publish = duration.seconds
        case .publishFailed(let error): throw error
        default: break
        }
    }
}
