import Activity
import ActivitySQL
package import Pipeline
import PostgresClient

/// `activityd alerts …`: looks at alerts, and tells the daemons what people decided, by way of PostgreSQL.
package struct AlertsCommand: Sendable {
    /// Alerts and silences.
    package let catalog: AlertCatalog
    /// Events as they are relayed.
    package let outbox: AlertOutbox

    /// New events are looked for so often.
    private static let pause = Duration.milliseconds(500)
    private static let chunk = 500

    /// Runs a body with a command for a configuration.
    package static func with<R: Sendable>(
        _ configuration: DaemonConfiguration,
        _ body: (AlertsCommand) async throws -> R,
    ) async throws -> R {
        let postgres = PostgresClient(configuration.postgres)
        let sql = ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema)
        let command = AlertsCommand(
            catalog: AlertCatalog(postgres, sql),
            outbox: AlertOutbox(postgres, sql),
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

    /// Hands over every event after a sequence, and goes on with new ones until the task is cancelled.
    ///
    /// - Parameters:
    ///   - sequence: the last that is known; nil to begin with what comes.
    ///   - print: given each event as JSON.
    /// - Throws: `PostgresError`, `CancellationError`.
    package func tail(after sequence: Int64?, print: (String) -> Void) async throws {
        var last = if let sequence { sequence } else { try await outbox.newestSequence() }
        while true {
            let events = try await outbox.events(after: last, limit: Self.chunk)
            for event in events { print(event.json) }
            last = events.last?.sequence ?? last
            // Numbers are given by whichever daemon relays, and PostgreSQL tells nobody of it.
            if events.count < Self.chunk { try await Task.sleep(for: Self.pause) }
        }
    }
}
