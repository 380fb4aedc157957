import Activity
import NIOCore
import NIOPosix
import Synchronization

@testable import Endpoint

/// A server that listens on a free port of this machine for as long as a test runs.
final class TestServer: Sendable {
    let endpoint: EndpointServer
    let snapshots = SnapshotStore()
    let clock = TestClock(Fixture.computedAt.advanced(seconds: 12))
    private let observed: Observations

    /// Serves during the body, then ends and waits for it.
    static func with<Result: Sendable>(
        _ snapshot: Snapshot? = Fixture.snapshot,
        actions: EndpointActions = .idle,
        access: AccessControl = AccessControl(),
        compute: @escaping DocumentComputation = { $0.compute($1) },
        configure: (inout EndpointConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestServer) async throws -> Result,
    ) async throws -> Result {
        var configuration = EndpointConfiguration(port: 0)
        configure(&configuration)
        let server = TestServer(configuration, actions, access, compute)
        if let snapshot { server.snapshots.replace(with: snapshot) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.endpoint.run() }
            let result = try await body(server)
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
    }

    private init(
        _ configuration: EndpointConfiguration,
        _ actions: EndpointActions,
        _ access: AccessControl,
        _ compute: @escaping DocumentComputation,
    ) {
        let observations = Observations()
        endpoint = EndpointServer(
            configuration: configuration,
            snapshots: snapshots,
            actions: actions,
            access: access,
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            now: { [clock] in clock.now },
            observe: { observations.add($0) },
            compute: compute,
        )
        observed = observations
    }

    /// What was observed so far.
    var seen: [RequestObservation] { observed.all }

    /// Opens a connection.
    func connect<Result: Sendable>(
        _ body: @Sendable (inout TestConnection) async throws -> Result
    ) async throws -> Result {
        try await TestConnection.with(try await endpoint.localAddress, body)
    }

    /// One request on a connection of its own.
    func get(_ target: String, method: String = "GET", _ fields: String...) async throws -> TestResponse {
        try await connect { connection in
            let lines = ["\(method) \(target) HTTP/1.1", "Host: test"] + fields
            try await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
            return try await connection.response(to: method)
        }
    }
}

/// The observations of one server.
private final class Observations: Sendable {
    private let observations = Mutex<[RequestObservation]>([])

    var all: [RequestObservation] { observations.withLock { $0 } }

    func add(_ observation: RequestObservation) {
        observations.withLock { $0.append(observation) }
    }
}

/// A clock that stands still until it is set.
final class TestClock: Sendable {
    private let moment: Mutex<Timestamp>

    init(_ moment: Timestamp) {
        self.moment = Mutex(moment)
    }

    var now: Timestamp { moment.withLock { $0 } }

    func set(_ moment: Timestamp) {
        self.moment.withLock { $0 = moment }
    }
}

extension Timestamp {
    func advanced(seconds: Int64) -> Timestamp {
        Timestamp(microseconds: microseconds + seconds * 1_000_000)
    }
}

extension EndpointActions {
    /// Actions that do nothing.
    static let idle = storing { StoredAuthEvents(accepted: $0.count, duplicates: 0) }

    /// Actions that do nothing but store sign-ins.
    static func storing(
        _ store: @escaping @Sendable ([AuthEvent]) async throws -> StoredAuthEvents
    ) -> EndpointActions {
        EndpointActions(
            health: { HealthReport(message: "idle") },
            warmCache: {},
            clearCache: {},
            storeAuthEvents: store,
            alerts: .none,
        )
    }
}
