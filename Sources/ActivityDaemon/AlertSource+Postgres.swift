import ActivitySQL
import Endpoint
import Pipeline
import PostgresClient

extension AlertSource {
    /// Alerts as PostgreSQL has them. Not from a replica: a number that was read there would not mean that all smaller
    /// ones are known.
    init(_ postgres: PostgresClient, _ sql: ActivitySQL, changes: AsyncStream<Void>) {
        let outbox = AlertOutbox(postgres, sql)
        let catalog = AlertCatalog(postgres, sql)
        self.init(
            events: { after, limit in
                try await outbox.events(after: after, limit: limit).map {
                    NumberedEvent(sequence: $0.sequence, json: $0.json)
                }
            },
            newestSequence: { try await outbox.newestSequence() },
            list: { statuses, limit in try await catalog.listJSON(statuses: statuses, count: limit) },
            changes: changes,
        )
    }
}
