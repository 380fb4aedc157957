import Pipeline
import ServiceLifecycle

/// Ends the daemon when its schema is one that it must not touch, which no waiting mends.
struct SchemaRefusalService: Service {
    let refusals: AsyncStream<MigrationError>

    func run() async throws {
        for await refusal in refusals.cancelOnGracefulShutdown() { throw refusal }
    }
}
