import Activity
import NIOCore
import NIOHTTP1

extension Responder {
    /// Why a request is refused before its body is read: nobody without a token makes the daemon keep bytes.
    func refusal(of head: HTTPRequestHead, from client: ClientAddress, to route: Route) -> Problem? {
        do throws(Problem) {
            if let scope = route.scope {
                try gate.identify(Gatekeeper.Visitor(headers: head.headers, client: client), for: scope, at: now())
            }
            return nil
        } catch {
            return error
        }
    }

    /// Stores the sign-ins of a body, and says how many were new once they are on disk.
    ///
    /// The task is unstructured because a channel handler cannot await; decoding takes too long for an event loop.
    func storeAuthEvents(_ request: Request, on loop: any EventLoop) throws(Problem) -> EventLoopFuture<Reply> {
        if let refusal = request.mediaTypeRefusal { throw refusal }
        guard storing.enter() else { throw .tooManyBatches }
        let future = loop.makeFutureWithTask {
            let events = try AuthEventReader(now: self.now()).events(in: request.body)
            do {
                return Reply.authEvents(try await self.actions.storeAuthEvents(events))
            } catch {
                throw Problem.notStored(error)
            }
        }
        future.whenComplete { _ in self.storing.leave() }
        return future
    }
}

extension Request {
    /// Why the body is not looked at.
    fileprivate var mediaTypeRefusal: Problem? {
        let fields = headers["content-type"]
        let mediaType = fields.first?.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        guard fields.count == 1, mediaType == "application/json" else {
            let value =
                fields.isEmpty
                ? "a missing Content-Type" : "Content-Type \(Problem.quoted(fields.joined(separator: ", ")))"
            return .unsupportedMediaType(value)
        }
        let codings = headers["content-encoding"]
        return codings.isEmpty ? nil : .unsupportedMediaType("Content-Encoding \(Problem.quoted(codings.joined()))")
    }
}

extension Reply {
    fileprivate static func authEvents(_ stored: StoredAuthEvents) -> Reply {
        .json(
            [
                "success": true, "accepted": .integer(Int64(stored.accepted)),
                "duplicates": .integer(Int64(stored.duplicates)),
            ],
            .accepted,
        )
    }
}

extension Problem {
    fileprivate static func unsupportedMediaType(_ value: String) -> Problem {
        Problem(
            status: .unsupportedMediaType,
            detail: "\(value) is refused; accepted: Content-Type: application/json, not compressed",
        )
    }

    fileprivate static let tooManyBatches = Problem(
        status: .serviceUnavailable,
        detail: "too many requests are storing sign-ins; nothing of this one was stored, send it again in a moment",
        retryAfter: 1,
    )

    /// The connection to PostgreSQL may have been lost after the commit.
    fileprivate static func notStored(_ error: any Error) -> Problem {
        Problem(
            status: .serviceUnavailable,
            detail: "the sign-ins could not be stored; send them again, those with an id are not counted twice",
            retryAfter: 5,
            underlying: error,
        )
    }
}
