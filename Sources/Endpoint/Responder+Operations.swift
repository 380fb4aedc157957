import NIOCore
import NIOHTTP1

extension Responder {
    /// All metrics, in the format that the reader likes best.
    func metrics(for request: Request) -> Reply {
        let format = MetricsFormat.preferred(by: request.headers["accept"])
        let statistics = EndpointStatistics(connections: openConnections(), documents: answers.statistics.keys)
        var reply = Reply(.ok, format.mediaType, Array(actions.metrics(format, statistics).utf8))
        reply.headers.add(name: "Vary", value: "Accept")
        return reply
    }

    /// Asks for a run of a job, and says so without waiting for it.
    ///
    /// The task is unstructured because a channel handler cannot await.
    func runJob(_ name: String, on loop: any EventLoop) -> EventLoopFuture<Reply> {
        loop.makeFutureWithTask {
            let outcome: JobRequest
            do {
                outcome = try await self.actions.runJob(name)
            } catch {
                throw Problem.notRequested(error)
            }
            switch outcome {
            case .requested(let run): return .requested(run)
            case .unknown(let known): throw Problem.unknownJob(name, known)
            }
        }
    }
}

extension Reply {
    fileprivate static func requested(_ run: JobRequest.Run) -> Reply {
        .json(
            [
                "success": true,
                "run": ["id": .integer(run.id), "job": .string(run.job), "status": .string(run.status)],
            ],
            .accepted,
        )
    }
}

extension Problem {
    /// More are left out.
    private static let mostNames = 30

    fileprivate static func unknownJob(_ name: String, _ known: [String]) -> Problem {
        let names = known.prefix(mostNames).joined(separator: ", ") + (known.count > mostNames ? ", …" : "")
        return Problem(status: .notFound, detail: "no single job is called \(quoted(name)); accepted: \(names)")
    }

    fileprivate static func notRequested(_ error: any Error) -> Problem {
        Problem(
            status: .serviceUnavailable,
            detail: "the run could not be asked for; the daemon's log says why",
            retryAfter: 5,
            underlying: error,
        )
    }
}
