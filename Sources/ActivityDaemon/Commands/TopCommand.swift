import Activity
import ActivitySQL
import FoundationEssentials
import Pipeline
import PostgresClient

/// `activityd top`: reads how the daemon is, from its own listener and from PostgreSQL.
package struct TopCommand: Sendable {
    private let configuration: DaemonConfiguration
    private let postgres: PostgresClient
    private let sql: ActivitySQL

    private static let mostAlerts = 5

    /// Runs a body with a command for a configuration.
    package static func with<R: Sendable>(
        _ configuration: DaemonConfiguration,
        _ body: (TopCommand) async throws -> R,
    ) async throws -> R {
        let postgres = PostgresClient(configuration.alertReading)
        let command = TopCommand(
            configuration: configuration,
            postgres: postgres,
            sql: ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema),
        )
        do {
            let result = try await body(command)
            await postgres.close()
            return result
        } catch {
            await postgres.close()
            throw error
        }
    }

    /// Reads everything; what cannot be read is named in the reading.
    ///
    /// - Throws: `CancellationError`.
    package func read() async throws -> TopReading {
        var reading = TopReading(time: Clock.now.wholeSecond.description, instant: .now)
        await note(&reading, readDaemon)
        await note(&reading, readDatabase)
        try Task.checkCancellation()
        return reading
    }

    private func note(_ reading: inout TopReading, _ read: (inout TopReading) async throws -> Void) async {
        do {
            try await read(&reading)
        } catch {
            reading.troubles.append("\(error)")
            if reading.exitStatus == .success { reading.exitStatus = ExitStatus(error) }
        }
    }

    private func readDaemon(_ reading: inout TopReading) async throws {
        let listener = try await listener(&reading)
        let statistics = try await listener.get("/api/cache/stats")
        reading.requests = try statistics.map {
            try JSONDecoder().decode(CacheStatisticsAnswer.self, from: Data($0)).data
        }
    }

    /// Whatever answers first of the admin listener and the one for readers.
    private func listener(_ reading: inout TopReading) async throws -> LocalRequest {
        let places = [configuration.http.adminListen, configuration.http.listen].compactMap(\.self)
        var refusal = LocalRequestError(place: configuration.http.listen, reason: "nobody answers")
        for listener in places.map(LocalRequest.init) {
            do throws(LocalRequestError) {
                let body = try await listener.get("/api/health")
                reading.health = body.flatMap { try? JSONDecoder().decode(DaemonHealth.self, from: Data($0)) }
                if reading.health != nil { return listener }
                refusal = LocalRequestError(place: listener.place, reason: "what answers there tells of no activityd")
            } catch {
                refusal = error
            }
        }
        throw refusal
    }

    private func readDatabase(_ reading: inout TopReading) async throws {
        reading.feed = try await feed()
        reading.jobs = try await JobsCommand(configuration, postgres).list().jobs
        reading.alerts = try await AlertCatalog(postgres, sql).list(
            statuses: ["firing", "pending"],
            count: Self.mostAlerts,
        )
    }

    private func feed() async throws -> TopReading.Feed {
        let position = try await postgres.query(
            sql(
                """
                SELECT row_count, greatest(0, (SELECT max(id) FROM \(sql.sourceTable)) - greatest(0, last_id))
                FROM :"schema".feed
                """
            )
        )
        let age = try await postgres.query(sql(sql.feedAge))
        return TopReading.Feed(
            rows: try position.value(0, 0),
            behind: try position.value(0, 1),
            idleSeconds: age.rowCount == 0 ? nil : try age.value(0, 0),
        )
    }
}

private struct CacheStatisticsAnswer: Decodable {
    var data: TopReading.Requests
}
