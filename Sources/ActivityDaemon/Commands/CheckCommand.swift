import ActivitySQL
import NIOPosix
import Pipeline
import PostgresClient
import RedisClient
import Scheduling

/// `activityd check`: tries everything that the daemon needs, and says what is wrong and how to mend it.
package struct CheckCommand: Sendable {
    private let configuration: DaemonConfiguration

    /// One thing that was tried.
    package struct Finding: Sendable, Encodable {
        /// What was tried.
        package var subject: String
        /// Whether it is as the daemon needs it.
        package var isFine: Bool
        /// What was found.
        package var detail: String
    }

    /// A command for a configuration that could be read.
    package init(_ configuration: DaemonConfiguration) {
        self.configuration = configuration
    }

    /// Tries everything, also after something was found wrong.
    package func run() async -> [Finding] {
        let notes = configuration.notes
        let first = Finding(
            subject: "configuration",
            isFine: true,
            detail: notes.isEmpty ? "read" : "read; " + notes.joined(separator: "; "),
        )
        return await [first] + checkPostgres() + [checkRedis()]
    }

    private func checkPostgres() async -> [Finding] {
        let sql = ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema)
        let postgres = PostgresClient(configuration.postgres)
        let server = await finding("postgres") {
            let version = try await postgres.query("SELECT current_setting('server_version'), current_user::text")
            return "version \(try version.value(0, 0, as: String.self)) as \(try version.value(0, 1, as: String.self))"
        }
        guard server.isFine else { return [server] }
        let source = await finding("directus_activity") {
            try await postgres.withConnection { try await SourceTable(sql).check($0) }
            return "\(sql.sourceTable) has the columns and may be read"
        }
        let schema = await finding("schema") {
            let pending = try await postgres.withConnection { try await DaemonSchema(sql: sql).pending($0) }
            guard pending.isEmpty else { return "\(pending.count) migrations to apply: run activityd migrate" }
            return "\"\(sql.schema)\" is current"
        }
        let indexes = await finding("indexes") { describe(try await SourceIndexes(postgres, sql).plan()) }
        let cron = await finding("cron") { describe(try await postgres.withConnection(CronSchema.state)) }
        let predecessor = await checkPredecessor(postgres, sql)
        let replica = schema.isFine ? await checkReplica(of: postgres, sql) : []
        await postgres.close()
        return [server, source, schema] + (source.isFine ? [indexes] : []) + [cron] + predecessor + replica
    }

    /// The daemon does without, and people's jobs wait.
    private func describe(_ state: CronSchema.State) -> String {
        switch state {
        case .installed: "\"cron\" is ours"
        case .absent: "\"cron\" is made by activityd migrate"
        case .unavailable(let reason): "no jobs of people: \(reason)"
        }
    }

    /// What is left of the predecessor stops nothing; a line tells how to be rid of it, and none when it is gone.
    private func checkPredecessor(_ postgres: PostgresClient, _ sql: ActivitySQL) async -> [Finding] {
        let predecessor = Predecessor(schema: sql.source)
        guard sql.source != sql.schema else { return [] }
        let found = await finding("predecessor") {
            let (leftovers, jobs) = try await postgres.withConnection { connection in
                (try await predecessor.leftovers(connection), try await predecessor.doubledJobs(connection))
            }
            let hides =
                "hides ours from whoever has \"\(sql.source)\" first in search_path, and is not kept current by activityd; once "
                + "nobody reads it: " + leftovers.joined(separator: "; ")
            let doubled = jobs.map { job in
                "cron.job \(job.id) (\(job.name ?? "no name")) does the work of our job \(job.successor.rawValue): "
                    + "SELECT cron.unschedule(\(job.id))"
            }
            return ((leftovers.isEmpty ? [] : [hides]) + doubled).joined(separator: "; ")
        }
        return found.detail.isEmpty ? [] : [found]
    }

    /// The daemon itself does without; people's questions to the raw table may not.
    private func describe(_ plan: SourceIndexPlan) -> String {
        let absent = plan.absent
        let names = absent.joined(separator: ", ")
        let summary = absent.isEmpty ? "all are there" : "missing \(names): run activityd migrate --indexes"
        return summary + (plan.offersBRIN ? "; \(SourceIndex.brin.name) is offered: add --brin" : "")
    }

    private func checkReplica(of primary: PostgresClient, _ sql: ActivitySQL) async -> [Finding] {
        guard let configuration = configuration.replica else { return [] }
        let replica = PostgresClient(configuration)
        let servers = DatabaseServers(primary: primary, replica: replica, sql, observe: { _ in })
        let found = await finding("replica") {
            let pending = try await primary.withConnection { try await DaemonSchema(sql: sql).pending($0) }
            guard pending.isEmpty else { return "can be looked at after activityd migrate" }
            try await servers.checkReplica()
            return "has replayed what the primary has"
        }
        await replica.close()
        return [found]
    }

    private func checkRedis() async -> Finding {
        await finding("redis") {
            try await withRedis(try configuration.redisConnection) { redis in
                let info = try await redis.send(RedisCommand("INFO", "server")).text ?? ""
                let version = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("redis_version:") }
                return "version \(version?.dropFirst("redis_version:".count) ?? "unknown")"
            }
        }
    }

    private func finding(_ subject: String, _ attempt: () async throws -> String) async -> Finding {
        do {
            return Finding(subject: subject, isFine: true, detail: try await attempt())
        } catch {
            return Finding(subject: subject, isFine: false, detail: "\(error)")
        }
    }
}

/// Runs a body with a connection to Redis and closes it.
func withRedis<Result: Sendable>(
    _ configuration: RedisConfiguration,
    _ body: @escaping @Sendable (RedisClient) async throws -> Result,
) async throws -> Result {
    let redis = RedisClient(configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await redis.run() }
        defer { group.cancelAll() }
        return try await body(redis)
    }
}
