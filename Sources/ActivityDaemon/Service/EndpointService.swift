import Endpoint
import ServiceLifecycle

/// Serves HTTP; on shutdown it stops accepting and answers what is in flight.
struct EndpointService: Service {
    let endpoint: EndpointServer

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await endpoint.run()
        } onGracefulShutdown: {
            endpoint.drain()
        }
    }
}
