import Activity
import NIOCore

extension Responder {
    /// Whether readers can be served.
    func readiness() throws(Problem) -> Reply {
        if lifecycle.isDraining { throw .draining }
        if snapshots.current == nil { throw .noSnapshot }
        return .text("ready")
    }

    /// The counts of this service's own documents, and how old they are in seconds.
    func statistics() -> JSONValue {
        let statistics = answers.statistics
        let snapshot = snapshots.current
        let moment = now()
        let age = { (since: Timestamp) in JSONValue.integer(self.freshness.age(of: since, at: moment)) }
        return [
            "success": true,
            "data": [
                "hits": .integer(statistics.hits),
                "misses": .integer(statistics.misses),
                "hitRate": .string(statistics.hitRate),
                "keys": .integer(Int64(statistics.keys)),
                "computations": .integer(statistics.computations),
            ],
            "generation": snapshot.map { .integer($0.generation.number) } ?? .null,
            "ages": [
                "generation": snapshot.map { age($0.generation.computedAt) } ?? .null,
                "data": snapshot?.dataThrough.map(age) ?? .null,
            ],
        ]
    }

    /// Does what changes something, and says so once it is done.
    ///
    /// The task is unstructured because a channel handler cannot await. It ends with the action, which goes on even
    /// when the reader goes away.
    func perform(
        _ action: @escaping @Sendable () async throws -> Void,
        named name: String,
        done: String,
        on loop: any EventLoop,
    ) -> EventLoopFuture<Reply> {
        loop.makeFutureWithTask {
            do {
                try await action()
            } catch {
                throw Problem.actionFailed(name, error)
            }
            return .json(["success": true, "message": .string(done)])
        }
    }
}
